// What several parts of the page need.

const LOWEST_DB = -70;

export const $ = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Fill a bar as loud as it is; in colour while there is a voice.
export function showLevel(bar, { level, voice }) {
  const share = 1 - Math.max(level ?? LOWEST_DB, LOWEST_DB) / LOWEST_DB;
  bar.style.width = `${100 * Math.min(share, 1)}%`;
  bar.parentElement.classList.toggle("voiced", voice);
}
