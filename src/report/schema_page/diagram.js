// The diagram of a schema page: fits the window, zooms, moves, and shows what a table is linked to. Without it the
// whole drawing stands there as it is. It reads numbers and geometry, never a name, and writes no HTML.
(() => {
  'use strict';
  const figure = document.querySelector('.diagram');
  const tools = figure.querySelector('.tools');
  const svg = figure.querySelector('svg');
  const whole = svg.viewBox.baseVal;
  const sheet = { width: whole.width, height: whole.height };
  // The left upper corner that is shown, in units of the drawing, and how many pixels a unit has.
  const view = { x: 0, y: 0, scale: 1, fitted: true };
  const size = () => ({ width: svg.clientWidth || 1, height: svg.clientHeight || 1 });
  const within = (least, value, most) => Math.min(Math.max(value, least), Math.max(least, most));

  // Below this, names are drawn large and columns not at all.
  const FAR = 0.55;
  const CLOSEST = 3;
  const farthest = () => Math.min(1, size().width / sheet.width, size().height / sheet.height);

  function draw() {
    const { width, height } = size();
    const [wide, high] = [width / view.scale, height / view.scale];
    if (view.fitted) {
      [view.x, view.y] = [(sheet.width - wide) / 2, (sheet.height - high) / 2];
    }
    // The middle of the window stays on the sheet.
    view.x = within(-wide / 2, view.x, sheet.width - wide / 2);
    view.y = within(-high / 2, view.y, sheet.height - high / 2);
    svg.setAttribute('viewBox', `${view.x} ${view.y} ${wide} ${high}`);
    svg.classList.toggle('distant', view.scale < FAR);
    // One finger scrolls the page as long as there is nothing to move.
    svg.classList.toggle('movable', !view.fitted);
  }

  function fit() {
    [view.scale, view.fitted] = [farthest(), true];
    draw();
  }

  // By a factor, about a point of the window that stays where it is. Says whether anything changed.
  function zoom(factor, x = size().width / 2, y = size().height / 2) {
    const scale = within(farthest(), view.scale * factor, CLOSEST);
    const changed = scale !== view.scale;
    view.x += x / view.scale - x / scale;
    view.y += y / view.scale - y / scale;
    [view.scale, view.fitted] = [scale, scale <= farthest()];
    draw();
    return changed;
  }

  function move(x, y) {
    view.x -= x / view.scale;
    view.y -= y / view.scale;
    draw();
  }

  const at = event => {
    const corner = svg.getBoundingClientRect();
    return [event.clientX - corner.left, event.clientY - corner.top];
  };

  // The wheel zooms with Ctrl (so does a pinch on a touchpad), and alone once the diagram was clicked: who scrolls down
  // the page is not held up.
  svg.addEventListener('wheel', event => {
    const pinch = event.ctrlKey || event.metaKey;
    if (!pinch && !figure.contains(document.activeElement)) return;
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    const changed = zoom(Math.exp(within(-0.3, -pixels * (pinch ? 0.01 : 0.002), 0.3)), ...at(event));
    if (changed || pinch) event.preventDefault();
  }, { passive: false });

  // One pointer moves, two zoom. A click that moved is no click.
  const pointers = new Map();
  let moved = false;
  svg.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    if (pointers.size === 0) moved = false;
    pointers.set(event.pointerId, at(event));
  });
  svg.addEventListener('pointermove', event => {
    // The button may have been let go elsewhere.
    if (event.buttons === 0) pointers.delete(event.pointerId);
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    const [x, y] = [now[0] - before[0], now[1] - before[1]];
    if (!moved && Math.hypot(x, y) < 4) return;
    if (!moved) svg.setPointerCapture(event.pointerId);
    moved = true;
    pointers.set(event.pointerId, now);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = point => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
      zoom(apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      move(x / 2, y / 2);
    } else if (!view.fitted) {
      move(x, y);
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    svg.addEventListener(end, event => pointers.delete(event.pointerId));
  }
  svg.addEventListener('touchmove', event => {
    if (event.touches.length > 1) event.preventDefault();
  }, { passive: false });
  svg.addEventListener('dragstart', event => event.preventDefault());
  svg.addEventListener('click', event => {
    if (moved) event.preventDefault();
    else pin(part(event.target));
  });

  const STEP = 80;
  const keys = {
    '+': () => zoom(1.25), '=': () => zoom(1.25), '-': () => zoom(0.8), '0': fit, 'Escape': () => pin(null),
    'ArrowLeft': () => move(STEP, 0), 'ArrowRight': () => move(-STEP, 0),
    'ArrowUp': () => move(0, STEP), 'ArrowDown': () => move(0, -STEP),
  };
  figure.addEventListener('keydown', event => {
    const press = keys[event.key];
    if (!press || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith('Arrow')) {
      if (view.fitted) return;
      event.preventDefault();
    }
    press();
  });

  const act = {
    in: () => zoom(1.25), out: () => zoom(0.8), fit,
    full: () => document.fullscreenElement ? document.exitFullscreen() : figure.requestFullscreen(),
  };
  for (const button of tools.querySelectorAll('button')) {
    button.hidden = button.value === 'full' && !document.fullscreenEnabled;
    button.addEventListener('click', act[button.value]);
  }

  // What is linked to what: a line knows the numbers of its two tables.
  const tables = [...svg.querySelectorAll('.table')];
  const lines = [...svg.querySelectorAll('.line')];
  const ends = new Map(lines.map(line => [line, line.dataset.ends.split(' ').map(number => tables[number])]));
  const part = target => target.closest?.('.table, .line') ?? null;
  let pinned = null;

  function show(picked) {
    const lit = new Set([picked]);
    for (const line of lines) {
      if (line === picked || ends.get(line).includes(picked)) [line, ...ends.get(line)].forEach(one => lit.add(one));
    }
    [...tables, ...lines].forEach(one => one.classList.toggle('lit', lit.has(one)));
    svg.classList.toggle('picked', picked !== null);
  }
  function pin(picked) {
    pinned = picked;
    show(picked);
  }
  svg.addEventListener('pointerover', event => {
    if (event.pointerType === 'mouse' && pointers.size === 0) show(part(event.target) ?? pinned);
  });
  svg.addEventListener('pointerleave', () => show(pinned));
  svg.addEventListener('focusin', event => {
    const table = part(event.target);
    pin(table);
    if (!table || pointers.size > 0) return;
    const box = table.getBBox();
    const { width, height } = size();
    const beyond = (start, length, from, shown) => start < from || start + length > from + shown;
    if (beyond(box.x, box.width, view.x, width / view.scale)) view.x = box.x + box.width / 2 - width / view.scale / 2;
    if (beyond(box.y, box.height, view.y, height / view.scale)) view.y = box.y + box.height / 2 - height / view.scale / 2;
    draw();
  });
  svg.addEventListener('focusout', () => pin(null));

  // Paper has the whole drawing.
  addEventListener('beforeprint', () => svg.setAttribute('viewBox', `0 0 ${sheet.width} ${sheet.height}`));
  addEventListener('afterprint', draw);

  tools.hidden = false;
  figure.classList.add('live');
  svg.style.aspectRatio = `${sheet.width} / ${sheet.height}`;
  svg.style.setProperty('--natural', `${sheet.height}px`);
  new ResizeObserver(() => view.fitted ? fit() : zoom(1)).observe(svg);
  fit();
})();
