/** From a browser's own words about itself to what people call it. */
const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/curl\//, 'curl'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

const named = (table: [RegExp, string][], text: string) => table.find(([sign]) => sign.test(text))?.[1]

/** Null where nothing is known. */
export function agentOf(text: string): { browser: string; system: string } | null {
  const browser = named(BROWSERS, text)
  const system = named(SYSTEMS, text)
  return browser && system ? { browser, system } : null
}
