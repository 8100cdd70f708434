/**
 * Runs in the browser's audio thread: `trunkline-capture` turns the microphone into 20 ms frames of 8 kHz
 * PCM, `trunkline-playback` plays such frames.
 */
import { Framer, fromPcm, Resampler, WIRE_RATE } from './dsp'
import { JitterBuffer } from './jitter'

// What lib.dom does not know of the AudioWorkletGlobalScope.
declare const sampleRate: number
declare function registerProcessor(name: string, processor: new () => Processor): void
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort
}
interface Processor {
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean
}

/** Waits in front of the loudspeaker, and what is too much of it, seconds. */
const TARGET_S = 0.06
const LIMIT_S = 0.4

class Capture extends AudioWorkletProcessor implements Processor {
  private readonly resampler = new Resampler(sampleRate, WIRE_RATE)
  private readonly framer = new Framer()
  private readonly silence = new Float32Array(128)

  process(inputs: Float32Array[][]): boolean {
    // No channel: the microphone gives nothing at the moment. The far side still needs its 20 ms.
    const mono = inputs[0]?.[0] ?? this.silence
    for (const frame of this.framer.push(this.resampler.process(mono)))
      this.port.postMessage(frame.buffer, [frame.buffer])
    return true
  }
}

class Playback extends AudioWorkletProcessor implements Processor {
  private readonly resampler = new Resampler(WIRE_RATE, sampleRate)
  private readonly buffer = new JitterBuffer(TARGET_S * sampleRate, LIMIT_S * sampleRate)

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<ArrayBuffer | 'flush'>) => {
      if (data === 'flush') this.buffer.flush()
      else this.buffer.push(this.resampler.process(fromPcm(new Int16Array(data))))
    }
  }

  process(_: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0]?.[0]
    if (out) this.buffer.pull(out)
    return true
  }
}

registerProcessor('trunkline-capture', Capture)
registerProcessor('trunkline-playback', Playback)
