// Numbers frame by frame, and maps from bytes to colours.

const KEPT_FRAMES = 30_000; // five minutes, as long as a file may be

export class Series {
  start = 0; // the first frame that is kept
  end = 0;

  constructor(width, Type) {
    this.width = width;
    this.data = new Type(2 * KEPT_FRAMES * width);
  }

  push(values) {
    const n = this.end - this.start;
    if ((n * this.width) + values.length > this.data.length) {
      this.data.copyWithin(0, (n - KEPT_FRAMES) * this.width, n * this.width);
      this.start = this.end - KEPT_FRAMES;
    }
    this.data.set(values, this.index(this.end));
    this.end += values.length / this.width;
  }

  index(frame) {
    return (frame - this.start) * this.width;
  }

  // The largest magnitude of some frames, at least `least`.
  largest(first, last, least) {
    let found = least;
    for (let at = this.index(first); at < this.index(last); at++) found = Math.max(found, Math.abs(this.data[at]));
    return found;
  }
}

export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export const INFERNO = palette("#02020f #1d0c45 #550f6d #88226a #ba3655 #e35933 #f98c0a #f9c932 #fcffa4");
export const PURPLE_ORANGE = palette("#2d1152 #6a53a0 #b3abd3 #f4f3f2 #fcbd6e #cf7416 #7d3a06");

// 256 colours between some, as pixels are stored.
function palette(colours) {
  const stops = colours.split(" ").map((one) => [1, 3, 5].map((at) => parseInt(one.slice(at, at + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const place = (byte / 255) * (stops.length - 1), left = Math.min(Math.floor(place), stops.length - 2);
    const [red, green, blue] = stops[left].map(
      (value, channel) => Math.round(value + (stops[left + 1][channel] - value) * (place - left)));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
