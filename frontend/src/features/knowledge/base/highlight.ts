/** Where in a passage the words of a question stand. */
export interface Piece {
  text: string
  marked: boolean
}

/** `passage` in pieces; a word is marked with its endings: `open` marks "opening". */
export function highlight(passage: string, words: readonly string[]): Piece[] {
  const stems = words.map((word) => word.trim()).filter(Boolean)
  if (stems.length === 0) return [{ text: passage, marked: false }]
  const any = stems.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})[\\p{L}\\p{N}]*`, 'giu')
  const pieces: Piece[] = []
  let at = 0
  for (const match of passage.matchAll(pattern)) {
    if (match.index > at) pieces.push({ text: passage.slice(at, match.index), marked: false })
    pieces.push({ text: match[0], marked: true })
    at = match.index + match[0].length
  }
  if (at < passage.length) pieces.push({ text: passage.slice(at), marked: false })
  return pieces
}
