// Colours that the colour-blind tell apart (after Okabe and Ito), and a face for each emotion.

const COLOURS = {
  angry: "#d55e00", bored: "#a08060", calm: "#56b4e9", disgust: "#009e73", fearful: "#cc79a7",
  happy: "#e69f00", neutral: "#8a8f96", sad: "#2b83c6", surprised: "#c9b400",
};

// mouth: corners up; open: how far; brows: inner ends down; raised; eyes: how open.
const FACES = {
  angry: { mouth: -0.6, open: 0.1, brows: 1, raised: -0.3, eyes: 0.7 },
  bored: { mouth: -0.15, open: 0, brows: 0, raised: -0.2, eyes: 0.3 },
  calm: { mouth: 0.45, open: 0, brows: 0, raised: 0.1, eyes: 0 },
  disgust: { mouth: -0.75, open: 0.25, brows: 0.6, raised: -0.4, eyes: 0.4 },
  fearful: { mouth: -0.5, open: 0.5, brows: -1, raised: 0.6, eyes: 1.35 },
  happy: { mouth: 1, open: 0.55, brows: -0.1, raised: 0.3, eyes: 0.9 },
  neutral: { mouth: 0, open: 0, brows: 0, raised: 0, eyes: 0.85 },
  sad: { mouth: -0.85, open: 0, brows: -0.9, raised: 0.1, eyes: 0.65 },
  surprised: { mouth: 0, open: 1.3, brows: -0.2, raised: 1, eyes: 1.4 },
};

export const colourOf = (emotion) => COLOURS[emotion] ?? "#7a86c2";

export function drawFace(place, emotion) {
  const face = FACES[emotion] ?? FACES.neutral;
  const colour = emotion ? colourOf(emotion) : "#8a8f96";
  const ink = "#20242a";
  const brow = (side) => {
    const inner = 60 + side * 13, outer = 60 + side * 33, y = 40 - 7 * face.raised;
    return `M${inner} ${y + 6 * face.brows}L${outer} ${y - 5 * face.brows}`;
  };
  const eye = (x) => face.eyes < 0.2
    ? `<path d="M${x - 7} 55q7 6 14 0" fill="none"/>`
    : `<ellipse cx="${x}" cy="55" rx="5" ry="${6 * face.eyes}" fill="${ink}" stroke="none"/>`;
  const bend = 20 * face.mouth, y = 82 - bend / 2.5, half = face.open > 1 ? 11 : 23;
  const rise = face.open > 1 ? 12 : -4 * face.open;
  const mouth = `M${60 - half} ${y}Q60 ${y + bend - rise} ${60 + half} ${y}` +
    (face.open ? `Q60 ${y + bend + 26 * face.open} ${60 - half} ${y}Z` : "");
  place.innerHTML = `<svg viewBox="0 0 120 120" xmlns="http://www.w3.org/2000/svg">
    <circle cx="60" cy="60" r="56" fill="${colour}"/><circle cx="60" cy="60" r="52" fill="#fff" opacity=".22"/>
    <g stroke="${ink}" stroke-width="5" stroke-linecap="round" stroke-linejoin="round" fill="${face.open ? ink : "none"}">
    <path d="${brow(-1)}${brow(1)}" fill="none"/>${eye(39)}${eye(81)}<path d="${mouth}"/></g></svg>`;
}
