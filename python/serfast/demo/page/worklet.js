// Passes the microphone's samples on, in blocks of some 20 ms.
const SIZE = 1024;

class Blocks extends AudioWorkletProcessor {
  block = new Float32Array(SIZE);
  filled = 0;

  process([[samples]]) {
    for (let taken = 0; samples && taken < samples.length; ) {
      const n = Math.min(samples.length - taken, SIZE - this.filled);
      this.block.set(samples.subarray(taken, taken + n), this.filled);
      taken += n;
      this.filled += n;
      if (this.filled === SIZE) {
        this.port.postMessage(this.block.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("blocks", Blocks);
