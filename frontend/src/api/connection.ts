/**
 * Whether the server can be reached, as the last request found it and as the browser believes. While it
 * cannot, it is asked every few seconds, so that the page goes on by itself.
 */
const AGAIN_MS = 3_000

let up = true
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

export const connected = () => up

/** Calls `listener` whenever the answer of `connected` changes. Returns how to stop. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** A request got an answer, of whatever kind. */
export function reached(): void {
  clearTimeout(timer)
  become(true)
}

/** A request got none. */
export function unreachable(): void {
  become(false)
  clearTimeout(timer)
  timer = setTimeout(ask, AGAIN_MS)
}

function ask(): void {
  // 503 (a server behind it is gone) is an answer too.
  fetch('/healthz', { cache: 'no-store' }).then(reached, unreachable)
}

function become(next: boolean): void {
  if (next === up) return
  up = next
  listeners.forEach((listener) => listener())
}

window.addEventListener('offline', unreachable)
window.addEventListener('online', ask)
