// The microphone, as blocks of samples at its own rate.

const REASONS = {
  NotAllowedError: "The browser does not let this page use the microphone: allow it beside the address.",
  NotFoundError: "There is no microphone: plug one in, or open a file.",
  NotReadableError: "The microphone cannot be opened: perhaps another program holds it.",
};

export async function openMicrophone(onBlock) {
  if (!navigator.mediaDevices) {
    throw new Error("Browsers give microphones to pages at localhost or 127.0.0.1 only, or over https.");
  }
  // As it comes: what a browser does for calls would change how the voice sounds.
  const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new Error(REASONS[error.name] ?? `The microphone cannot be opened: ${error.message}`);
  }
  const context = new AudioContext();
  const close = () => {
    stream.getTracks().forEach((track) => track.stop());
    context.close();
  };
  try {
    await context.audioWorklet.addModule("worklet.js");
  } catch (error) {
    close();
    throw error;
  }
  const blocks = new AudioWorkletNode(context, "blocks", {
    channelCount: 1, channelCountMode: "explicit", numberOfOutputs: 0,
  });
  blocks.port.onmessage = ({ data }) => onBlock(data);
  context.createMediaStreamSource(stream).connect(blocks);
  return { rate: context.sampleRate, close };
}
