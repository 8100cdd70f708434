/** What can be told of a call before the server is asked. */

/** E.164: a plus, the country code, 7 to 15 digits in all. Spaces, dots and the like are taken out. */
export function toE164(typed: string): string | null {
  const number = typed.replace(/[\s().\-/]/g, '').replace(/^00/, '+')
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : null
}

/** The phones of the sandbox (docs/guides/sandbox.md), each always the same. */
export const SANDBOX_PHONES = [
  ['+12025550101', 'phone_talks'],
  ['+12025550102', 'phone_slow'],
  ['+12025550103', 'phone_key'],
  ['+12025550104', 'phone_leaves'],
  ['+12025550105', 'phone_oneway'],
  ['+12025550106', 'phone_voicemail'],
  ['+12025550107', 'phone_busy'],
  ['+12025550108', 'phone_rings'],
  ['+12025550109', 'phone_rejects'],
  ['+12025550110', 'phone_unreachable'],
  ['+12025550111', 'phone_down'],
] as const

/** The {{name}} variables that the agent's texts ask for, each with its default. */
export function variablesOf(config: Record<string, unknown> | undefined): Record<string, string> {
  const found: Record<string, string> = {}
  const given = config?.variables
  if (typeof given === 'object' && given !== null)
    for (const [name, value] of Object.entries(given)) found[name] = String(value ?? '')
  for (const [, name] of JSON.stringify(config ?? {}).matchAll(/\{\{\s*([a-z][a-z0-9_]{0,63})\s*\}\}/g))
    found[name!] ??= ''
  return found
}
