/** Whether a JSON value has the shape of a script, so that the editor can show it; the server checks the rest. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTexts = (value: unknown) =>
  value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string'))

const isText = (value: unknown) => value === undefined || value === null || typeof value === 'string'

/** The dotted place of the first thing that is not as it should be; null when all is well. */
export function shapeFault(value: unknown): string | null {
  if (!isObject(value)) return '{}'
  if (value.provider !== 'script') return 'provider'
  if (!isText(value.start)) return 'start'
  if (!isObject(value.nodes)) return 'nodes'
  for (const [name, values] of Object.entries(isObject(value.slots) ? value.slots : {}))
    if (!isTexts(values)) return `slots.${name}`
  for (const [name, node] of Object.entries(value.nodes)) {
    const fault = nodeFault(node)
    if (fault !== null) return ['nodes', name, fault].filter(Boolean).join('.')
  }
  return null
}

function nodeFault(node: unknown): string | null {
  if (!isObject(node)) return ''
  for (const text of ['say', 'otherwise', 'otherwise_goto']) if (!isText(node[text])) return text
  if (node.expect === undefined) return null
  if (!Array.isArray(node.expect)) return 'expect'
  const wrong = node.expect.findIndex((branch) => !isBranch(branch))
  return wrong < 0 ? null : `expect.${wrong}`
}

function isBranch(branch: unknown): boolean {
  if (!isObject(branch)) return false
  const { phrases, set, dtmf, reply, goto } = branch
  const fixed = set === undefined || (isObject(set) && Object.values(set).every((v) => typeof v === 'string'))
  return isTexts(phrases) && fixed && [dtmf, reply, goto].every(isText)
}
