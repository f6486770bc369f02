//! Numbers drawn as bars of block characters. An eighth of a column is the smallest step; no colour is needed.

/// How much of a whole bar a number is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Share(u16);

const WHOLE: f64 = u16::MAX as f64;

impl Share {
    /// `number` of `whole`. Nothing where there is no number, or a negative one; never more than a whole bar.
    pub fn of(number: Option<f64>, whole: f64) -> Share {
        let part = number.unwrap_or_default() / whole;
        // NaN: 0 of 0.
        if part.is_nan() {
            return Share(0);
        }
        // In range, so that nothing is cut off.
        Share((part.clamp(0.0, 1.0) * WHOLE).round() as u16)
    }

    /// As a bar of which a whole one has `width` columns. What is not nothing can be seen.
    pub(super) fn bar(self, width: usize) -> String {
        let eighths = (f64::from(self.0) / WHOLE * 8.0 * width as f64).round() as usize;
        let eighths = if self.0 > 0 { eighths.max(1) } else { 0 };
        let mut bar = "█".repeat(eighths / 8);
        bar.push_str(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(eighths % 8).copied().unwrap_or_default());
        bar
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let bar = |number, whole| Share::of(number, whole).bar(8);
        assert_eq!(bar(Some(50.0), 100.0), "████");
        assert_eq!(bar(Some(100.0), 100.0), "████████");
        assert_eq!(bar(Some(130.0), 100.0), "████████");
        assert_eq!(bar(Some(20.0), 100.0), "█▋");
        assert_eq!(bar(Some(1e-9), 100.0), "", "nothing to the eye and to sixteen bits");
        assert_eq!(bar(Some(0.01), 100.0), "▏");
        for nothing in [None, Some(0.0), Some(-5.0)] {
            assert_eq!(bar(nothing, 100.0), "");
        }
        assert_eq!(bar(Some(0.0), 0.0), "");
    }

    proptest! {
        #[test]
        fn a_larger_number_never_has_a_shorter_bar(a in 0.0..1e6_f64, b in 0.0..1e6_f64, width in 1_usize..300) {
            let whole = a.max(b);
            let [short, long] = [a.min(b), whole].map(|number| Share::of(Some(number), whole).bar(width));
            prop_assert!(short.width() <= long.width() && long.width() <= width);
        }
    }
}
