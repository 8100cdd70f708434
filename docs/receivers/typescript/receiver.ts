/**
 * A receiver of Trunkline's webhooks and call hooks: every message is verified, no event is handled twice.
 * Node 20 or newer, no packages.
 *
 *     npx -p typescript@5.9 tsc -p . && WEBHOOK_SECRETS="whsec_..." node receiver.js
 *
 * WEBHOOK_SECRETS: the secrets that messages may be signed with, separated by spaces; two while you change
 * from one to the other. PORT: 8080. DATA: the file that remembers what was handled, handled.txt.
 * BLOCKED_NUMBERS: with whom no call is made or taken. Put it behind your own server that speaks HTTPS.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

// [verify]
import { createHmac, timingSafeEqual } from 'node:crypto'

const OLDEST_S = 5 * 60

/** Whether one of `secrets` (whsec_...) signed these very bytes, at most 5 minutes ago. */
export function isGenuine(
  body: Buffer,
  headers: Record<string, string | string[] | undefined>,
  secrets: string[],
): boolean {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name] ?? ''),
  ) as [string, string, string]
  if (!id || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > OLDEST_S) return false
  return secrets.some((secret) => {
    const hmac = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    const expected = hmac.update(`${id}.${timestamp}.`).update(body).digest()
    return signatures.split(' ').some((signature) => {
      const [version, value] = signature.split(',')
      const given = Buffer.from(value ?? '', 'base64')
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
    })
  })
}
// [/verify]

type Json = Record<string, unknown>
interface Question {
  moment: 'before_answer' | 'before_dial'
  call: { from: string; to: string }
}

const words = (name: string) => (process.env[name] ?? '').split(/\s+/).filter(Boolean)
const SECRETS = words('WEBHOOK_SECRETS')
const BLOCKED = new Set(words('BLOCKED_NUMBERS'))
const DATA = process.env.DATA ?? 'handled.txt'
const MOST_BYTES = 2 ** 20

/** Your work. Within 10 s, or the event is sent again; what takes longer belongs into a queue. */
async function handle(event: Json): Promise<void> {
  console.log(JSON.stringify(event))
}

/** Your decision about a call that waits, within the hook's deadline. */
function decide({ moment, call }: Question): Json {
  if (moment === 'before_answer') {
    return BLOCKED.has(call.from)
      ? { action: 'reject', code: 603, reason: 'The caller is blocked.' }
      : { action: 'answer', variables: { caller_number: call.from } }
  }
  return BLOCKED.has(call.to) ? { action: 'deny', reason: 'The number is blocked.' } : { action: 'allow' }
}

/** What was handled, also before a restart. With a database of your own, keep the id there instead, in the
 * transaction of the work: here a crash between the two has the event handled again. */
const handled = new Set(existsSync(DATA) ? readFileSync(DATA, 'utf8').split('\n') : [])
const inHand = new Map<string, Promise<void>>()

/** False: it was handled before. One that is sent again while it is being handled waits for that. */
async function handleOnce(event: Json, id: string): Promise<boolean> {
  while (inHand.has(id)) await inHand.get(id)?.catch(() => undefined)
  if (handled.has(id)) return false
  const work = handle(event).then(() => remember(id))
  inHand.set(id, work)
  try {
    await work
  } finally {
    inHand.delete(id)
  }
  return true
}

function remember(id: string): void {
  const file = openSync(DATA, 'a')
  writeSync(file, `${id}\n`)
  fsyncSync(file)
  closeSync(file)
  handled.add(id)
}

async function read(request: IncomingMessage): Promise<Buffer | null> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of request) {
    size += (piece as Buffer).length
    if (size > MOST_BYTES) return null
    pieces.push(piece as Buffer)
  }
  return Buffer.concat(pieces)
}

function answer(response: ServerResponse, status: number, content: Json): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content))
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await read(request)
  if (body === null) {
    response.setHeader('Connection', 'close')
    answer(response, 413, { error: 'the body is too long' })
  } else if (!isGenuine(body, request.headers, SECRETS)) {
    answer(response, 401, { error: 'the signature is not ours, or the message is old' })
  } else {
    const message = JSON.parse(body.toString('utf8')) as Json
    if ('moment' in message) answer(response, 200, decide(message as unknown as Question))
    else answer(response, 200, { handled: await handleOnce(message, String(request.headers['webhook-id'])) })
  }
}

if (SECRETS.length === 0) {
  console.error('Set WEBHOOK_SECRETS to the secret that Trunkline showed.')
  process.exit(1)
}
const server = createServer((request, response) => {
  receive(request, response).catch((error: unknown) => {
    console.error(error)
    answer(response, 500, { error: 'it could not be handled' })
  })
})
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  console.log(`listening on port ${(server.address() as AddressInfo).port}`)
})
