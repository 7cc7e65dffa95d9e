// What a demanding eye would find in the window as it is now, as one line each: words that are cut
// off, covered or outside of the window, buttons their words spill out of, pages that are wider
// than their room, targets too small to hit. A line that ends in … is no fault where the whole of
// it can be had: where it, or what it stands in, has a title.
const found = [];
const open = [...document.querySelectorAll('dialog[open]')];
const top = open.at(-1) ?? document.querySelector('.viewer') ?? document.body;
const seen = (el) => el.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const short = (text) => JSON.stringify(text.trim().replace(/\s+/g, ' ').slice(0, 48));

const words = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
while (words.nextNode()) {
  const node = words.currentNode;
  const el = node.parentElement;
  if (node.data.trim() === '' || !seen(el)) continue;
  if (el.closest('.unseen, option, script, style, textarea, [aria-hidden=true]')) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const at = range.getBoundingClientRect();
  if (at.width === 0) continue;
  let [sideways, downwards, whole] = [false, false, true];
  for (let box = el; box && box !== document.documentElement; box = box.parentElement) {
    const style = getComputedStyle(box);
    const room = box.getBoundingClientRect();
    const scrolls = (how) => how === 'auto' || how === 'scroll';
    if (scrolls(style.overflowX)) sideways = true;
    if (scrolls(style.overflowY)) downwards = true;
    const cut = (how) => how === 'hidden' || how === 'clip';
    const x = !sideways && cut(style.overflowX) && (at.left < room.left - 1 || at.right > room.right + 1);
    const y = !downwards && cut(style.overflowY) && (at.top < room.top - 1 || at.bottom > room.bottom + 1);
    if (x && style.textOverflow === 'ellipsis' && box.closest('[title]')) {
      whole = false;
      break;
    }
    if (x || y) {
      found.push(`${short(node.data)} is cut off`);
      whole = false;
      break;
    }
    if (box.tagName === 'BUTTON' && (at.left < room.left - 1 || at.right > room.right + 1))
      found.push(`${short(node.data)} spills out of its button`);
    if (style.position === 'fixed') break;
  }
  const out =
    (!sideways && whole && (at.left < -0.5 || at.right > innerWidth + 0.5)) ||
    (!downwards && (at.top < -0.5 || at.bottom > innerHeight + 0.5));
  if (out) found.push(`${short(node.data)} lies outside of the window`);
  if (out || downwards || sideways || !whole || getComputedStyle(el).pointerEvents === 'none') continue;
  const above = document.elementFromPoint((at.left + at.right) / 2, (at.top + at.bottom) / 2);
  const related = above && (above.contains(el) || el.contains(above));
  if (!related && !above?.closest('.said'))
    found.push(`${short(node.data)} is covered by ${above?.outerHTML.slice(0, 60)}`);
}

for (const el of top.querySelectorAll('*')) {
  if (!seen(el)) continue;
  const style = getComputedStyle(el);
  const scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll';
  // A photo at 100 % and what is copied as it is are looked at in pieces.
  if (scrolls && el.scrollWidth > el.clientWidth + 1 && !el.matches('pre, [role=img]'))
    found.push(`${el.tagName} .${el.className} scrolls sideways`);
  if (!el.matches('button, summary, select, input, textarea, [role=tab]') || el.closest('[role=option]'))
    continue;
  // A radio or a box is hit by its label.
  const target = el.matches('[type=radio], [type=checkbox]') ? (el.closest('label') ?? el) : el;
  const { width, height, left, right } = target.getBoundingClientRect();
  if (width > 0 && !el.closest('.unseen, .strip') && (left < -0.5 || right > innerWidth + 0.5))
    found.push(`${el.tagName} ${short(el.innerText || el.ariaLabel || el.name || '')} lies outside of the window`);
  if (width > 0 && (width < 27.5 || height < 27.5) && !el.matches('[type=range]'))
    found.push(`${el.tagName} ${short(el.innerText || el.ariaLabel || el.name || '')} is ${Math.round(width)} × ${Math.round(height)} only`);
}
return [...new Set(found)];
