/** Plays a voice. Through Web Audio: the content security policy has no place for blob: media. */
import { api } from '@/api/client'
import type { paths } from '@/api/schema'

type Query = paths['/api/v1/voices/preview']['get']['parameters']['query']

export interface Preview extends Omit<Query, 'provider' | 'format'> {
  provider: string
}

let playing: AudioContext | undefined

/** Resolves when the voice has begun to speak. Throws a `Problem` when the server has none. */
export async function playPreview(wish: Preview): Promise<void> {
  void playing?.close()
  const context = new AudioContext()
  playing = context
  // A provider that we do not know is the server's to refuse.
  const query = wish as Query
  const { data } = await api.GET('/api/v1/voices/preview', { params: { query }, parseAs: 'arrayBuffer' })
  const source = context.createBufferSource()
  source.buffer = await context.decodeAudioData(data as unknown as ArrayBuffer)
  source.connect(context.destination)
  source.addEventListener('ended', () => void context.close())
  await context.resume()
  source.start()
}
