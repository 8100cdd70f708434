/** What the browser checks of what an agent can do: tools, secrets, transfers, keys, languages. */
import type { Words } from './check'
import { kindOfTarget, plainNumber, type TransferTarget } from './reach'
import type { Pair } from './rows'
import { problemOfSchema } from './schema'
import { type CollectDigits, type HttpForm, type McpForm, TOOL_LIMITS, type ToolForm } from './tools'
import type { ConfigForm } from './types'

type Put = (place: string, text: string) => void

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const TOOL_NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/
const HEADER = /^[A-Za-z0-9-]{1,80}$/
const URL = /^https?:\/\/[^\s]{1,1990}$/
const E164 = /^\+[1-9][0-9]{6,14}$/
const SIP_URI = /^sips?:[^\s@<>"]{1,80}@[^\s<>"]{1,160}$/
const TERMINATOR = /^[#*]?$/

export function checkDoing(config: ConfigForm, words: Words, put: Put) {
  unique(config.tools, 'config.tools', words, put)
  config.tools.forEach((tool, i) => checkTool(tool, `config.tools.${i}`, words, put))
  names(config.secrets, 'config.secrets', NAME, words.name, words, put)
  config.secrets.forEach(({ value, stored }, i) => {
    if (!value && !stored) put(`config.secrets.${i}.value`, words.required)
  })
  config.prefetch.forEach((one, i) => {
    const place = `config.prefetch.${i}`
    if (!URL.test(one.url.trim())) put(`${place}.url`, words.url)
    checkHeaders(one.headers, place, words, put)
    checkPaths(one.take, `${place}.take`, words, put)
    if (one.take.length === 0) put(`${place}.url`, words.takeNothing)
  })
  checkTransfers(config, words, put)
  checkVoicemail(config, words, put)
  if (!TERMINATOR.test(config.keys.terminator)) put('config.keys.terminator', words.key)
  const languages = new Set([config.language])
  config.languages.forEach(({ language }, i) => {
    if (!/^[a-z]{2,3}(-[A-Z]{2})?$/.test(language)) put(`config.languages.${i}.language`, words.language)
    else if (languages.has(language)) put(`config.languages.${i}.language`, words.twice)
    languages.add(language)
  })
}

function unique(rows: { name: string }[], place: string, words: Words, put: Put) {
  const seen = new Set<string>()
  rows.forEach(({ name }, i) => {
    if (!TOOL_NAME.test(name.trim())) put(`${place}.${i}.name`, words.tool)
    else if (seen.has(name.trim())) put(`${place}.${i}.name`, words.twice)
    seen.add(name.trim())
  })
}

function names(
  rows: { name: string }[],
  place: string,
  pattern: RegExp,
  fault: string,
  words: Words,
  put: Put,
) {
  const seen = new Set<string>()
  rows.forEach(({ name }, i) => {
    if (!pattern.test(name.trim())) put(`${place}.${i}.name`, fault)
    else if (seen.has(name.trim())) put(`${place}.${i}.name`, words.twice)
    seen.add(name.trim())
  })
}

const checkHeaders = (rows: Pair[], place: string, words: Words, put: Put) =>
  names(rows, `${place}.headers`, HEADER, words.header, words, put)

/** Slots or variables, and where in the answer they are. */
function checkPaths(rows: Pair[], place: string, words: Words, put: Put) {
  names(rows, place, NAME, words.name, words, put)
  rows.forEach(({ value }, i) => {
    if (!value.trim()) put(`${place}.${i}.value`, words.required)
  })
}

function checkTool(tool: ToolForm, place: string, words: Words, put: Put) {
  if (tool.type === 'http') checkHttp(tool, place, words, put)
  if (tool.type === 'http' || tool.type === 'mcp') checkWeb(tool, place, words, put)
  if (tool.type === 'collect_digits') checkCollect(tool, place, words, put)
  if (tool.type === 'search_knowledge' && tool.save_as !== null && !NAME.test(tool.save_as))
    put(`${place}.save_as`, words.name)
  if (tool.type === 'schedule_callback')
    within(tool.longest_days, TOOL_LIMITS.days, `${place}.longest_days`, words, put)
  if (tool.type === 'send_sms' && tool.text.length > 1000) put(`${place}.text`, words.tooLong(1000))
}

function checkHttp(tool: HttpForm, place: string, words: Words, put: Put) {
  const problem = problemOfSchema(tool.parameters)
  if (problem) put(`${place}.parameters`, problem === 'json' ? words.json : words.parameters)
  checkPaths(tool.save, `${place}.save`, words, put)
}

function checkWeb(tool: HttpForm | McpForm, place: string, words: Words, put: Put) {
  if (!URL.test(tool.url.trim())) put(`${place}.url`, words.url)
  checkHeaders(tool.headers, place, words, put)
  within(tool.timeout_ms, TOOL_LIMITS.timeout, `${place}.timeout_ms`, words, put)
}

function checkCollect(tool: CollectDigits, place: string, words: Words, put: Put) {
  if (!NAME.test(tool.save_as)) put(`${place}.save_as`, words.name)
  if (!TERMINATOR.test(tool.terminator)) put(`${place}.terminator`, words.key)
  within(tool.timeout_ms, TOOL_LIMITS.keysTimeout, `${place}.timeout_ms`, words, put)
  within(tool.min_digits, TOOL_LIMITS.digits, `${place}.min_digits`, words, put)
  within(tool.max_digits, TOOL_LIMITS.digits, `${place}.max_digits`, words, put)
  if (tool.min_digits > tool.max_digits) put(`${place}.max_digits`, words.belowLeast)
}

function within(
  value: unknown,
  [least, most]: readonly [number, number],
  place: string,
  words: Words,
  put: Put,
) {
  // An emptied number field holds ''.
  if (typeof value !== 'number' || value < least || value > most) put(place, words.between(least, most))
}

function checkTransfers({ transfers }: ConfigForm, words: Words, put: Put) {
  names(transfers, 'config.transfers', NAME, words.name, words, put)
  transfers.forEach((target, i) => checkTarget(target, `config.transfers.${i}`, words, put))
}

function checkTarget(target: TransferTarget, place: string, words: Words, put: Put) {
  const kind = kindOfTarget(target)
  if (kind === 'number' && !E164.test(plainNumber(target.number ?? ''))) put(`${place}.number`, words.e164)
  if (kind === 'sip_uri' && !SIP_URI.test((target.sip_uri ?? '').trim()))
    put(`${place}.sip_uri`, words.sipUri)
  if (kind === 'agent' && !target.agent) put(`${place}.agent`, words.required)
  if (!target.question.trim()) put(`${place}.question`, words.required)
}

function checkVoicemail({ voicemail }: ConfigForm, words: Words, put: Put) {
  if (voicemail.detect && voicemail.action === 'leave_message' && !voicemail.message.trim())
    put('config.voicemail.message', words.required)
  if (voicemail.navigate && !voicemail.goal.trim()) put('config.voicemail.goal', words.required)
}
