/** How a receiver verifies what comes: the parts of the ready receivers that do it, as they are tested. */
import go from '@docs/receivers/go/receiver.go?raw'
import python from '@docs/receivers/python/receiver.py?raw'
import typescript from '@docs/receivers/typescript/receiver.ts?raw'

const BEGIN = '[verify]'
const END = '[/verify]'

/** What stands between the lines that hold `[verify]` and `[/verify]`; the whole without them. */
export function verifying(receiver: string): string {
  const lines = receiver.split('\n')
  const begin = lines.findIndex((line) => line.includes(BEGIN))
  const end = lines.findIndex((line) => line.includes(END))
  const part = begin >= 0 && end > begin ? lines.slice(begin + 1, end) : lines
  return part.join('\n').trim()
}

export const SNIPPETS = [
  { language: 'python', text: verifying(python) },
  { language: 'typescript', text: verifying(typescript) },
  { language: 'go', text: verifying(go) },
] as const
