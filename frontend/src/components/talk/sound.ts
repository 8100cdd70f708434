/** The microphone and the loudspeaker of a talk. */
import { loudness } from './dsp'
import workletUrl from './talk.worklet.ts?worker&url'

/** Why there is no microphone. */
export type MicrophoneFault = 'refused' | 'missing' | 'busy' | 'insecure'

export class NoMicrophone extends Error {
  constructor(readonly fault: MicrophoneFault) {
    super(fault)
  }
}

const FAULTS: Record<string, MicrophoneFault> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
}

/** Asks the person for their microphone. Throws `NoMicrophone`. */
export async function openMicrophone(): Promise<MediaStream> {
  // Browsers hide the microphone from pages that came without TLS.
  if (!('mediaDevices' in navigator)) throw new NoMicrophone('insecure')
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    })
  } catch (error) {
    throw new NoMicrophone(FAULTS[(error as DOMException).name] ?? 'missing')
  }
}

export interface Sound {
  play: (frame: ArrayBuffer) => void
  /** Silences what still waits to be played. */
  flush: () => void
  setMuted: (muted: boolean) => void
  close: () => void
}

interface Listeners {
  /** 20 ms of the microphone: 320 bytes. */
  onFrame: (frame: ArrayBuffer) => void
  /** How loud the microphone is, 0 to 1, some times a second. */
  onLevel: (level: number) => void
}

const LEVEL_EVERY = 5

/** Connects the microphone and the loudspeaker. Takes `microphone` over: closing stops it. */
export async function openSound(microphone: MediaStream, listeners: Listeners): Promise<Sound> {
  const context = new AudioContext({ latencyHint: 'interactive' })
  await context.audioWorklet.addModule(workletUrl)
  const capture = new AudioWorkletNode(context, 'trunkline-capture', { numberOfOutputs: 0 })
  const playback = new AudioWorkletNode(context, 'trunkline-playback', {
    numberOfInputs: 0,
    outputChannelCount: [1],
  })
  context.createMediaStreamSource(microphone).connect(capture)
  playback.connect(context.destination)
  let frames = 0
  capture.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    if (frames++ % LEVEL_EVERY === 0) listeners.onLevel(loudness(new Int16Array(data)))
    listeners.onFrame(data)
  }
  void context.resume()
  return {
    play: (frame) => playback.port.postMessage(frame, [frame]),
    flush: () => playback.port.postMessage('flush'),
    // A muted track gives silence: the frames go on, as on a phone.
    setMuted: (muted) => microphone.getAudioTracks().forEach((track) => (track.enabled = !muted)),
    close: () => {
      capture.port.onmessage = null
      microphone.getTracks().forEach((track) => track.stop())
      if (context.state !== 'closed') void context.close()
    },
  }
}
