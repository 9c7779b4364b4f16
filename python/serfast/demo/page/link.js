// The WebSocket: commands and bytes out, messages in to whoever listens.

export class Link {
  page = {}; // hears what is about no sound
  listener = {};
  take = 0; // number of the sound that goes on; what is still said of those before it is not heard

  constructor(onLost) {
    const address = new URL("live", location.href);
    address.protocol = "ws:";
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      const listener = "take" in message ? this.listener : this.page;
      if ((message.take ?? this.take) === this.take) listener[message.kind]?.(message);
    };
    this.socket.onclose = onLost;
    this.opened = new Promise((resolve) => { this.socket.onopen = resolve; });
  }

  // Begin a sound, for a listener: an object with a method for each kind of message.
  begin(listener, message) {
    this.listener = listener;
    this.command({ ...message, take: ++this.take });
  }

  command(message) {
    this.socket.send(JSON.stringify(message));
  }

  data(bytes) {
    this.socket.send(bytes);
  }
}
