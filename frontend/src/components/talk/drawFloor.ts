/** Draws the floor: the caller above, the agent below, time from left to right. */
import { beginning, type FloorPoint, type Happening, height, WINDOW_MS } from './floor'

/** Room on the right for what will end the turn. */
const AHEAD_MS = 1_500
/** A gap of the wire; longer ones are left open. */
const JOINED_MS = 400
export const HEIGHT = 148
const CALLER = { top: 8, bottom: 96 }
const AGENT = { top: 108, bottom: 136 }

export interface Colours {
  caller: string
  callerSoft: string
  agent: string
  line: string
  text: string
  alarm: string
}

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element)
  const value = (name: string) => style.getPropertyValue(name).trim()
  return {
    caller: value('--tl-caller'),
    callerSoft: value('--tl-caller-soft'),
    agent: value('--tl-agent'),
    line: value('--tl-line'),
    text: value('--mantine-color-dimmed'),
    alarm: value('--mantine-color-error'),
  }
}

interface Picture {
  points: readonly FloorPoint[]
  happened: readonly Happening[]
  now_ms: number
  /** No scrolling. */
  still: boolean
}

export function drawFloor(
  context: CanvasRenderingContext2D,
  width: number,
  colours: Colours,
  picture: Picture,
) {
  const { points, now_ms, still } = picture
  const from = beginning(now_ms, AHEAD_MS, still)
  const x = (ms: number) => ((ms - from) / WINDOW_MS) * width
  const shown = points.filter(({ at_ms }) => at_ms >= from - JOINED_MS)
  context.clearRect(0, 0, width, HEIGHT)
  drawSeconds(context, colours, from, x)
  drawCaller(context, colours, shown, x)
  drawAgent(context, colours, shown, x)
  drawMarks(context, colours, picture, x)
  const last = points.at(-1)
  if (last) drawPause(context, colours, last, now_ms, x)
  drawLine(context, x(now_ms), CALLER.top - 4, AGENT.bottom + 4, colours.text, 1)
}

type Along = (ms: number) => number

function drawSeconds(context: CanvasRenderingContext2D, colours: Colours, from: number, x: Along) {
  for (let s = Math.ceil(from / 1000); s * 1000 < from + WINDOW_MS; s++)
    if (s >= 0) drawLine(context, x(s * 1000), CALLER.top, AGENT.bottom, colours.line, 1)
  context.fillStyle = colours.line
  context.fillRect(0, CALLER.bottom, context.canvas.width, 1)
}

function drawLine(
  context: CanvasRenderingContext2D,
  x: number,
  top: number,
  bottom: number,
  colour: string,
  width: number,
  dashes: number[] = [],
) {
  context.strokeStyle = colour
  context.lineWidth = width
  context.setLineDash(dashes)
  context.beginPath()
  context.moveTo(Math.round(x) + 0.5, top)
  context.lineTo(Math.round(x) + 0.5, bottom)
  context.stroke()
  context.setLineDash([])
}

const at = (share: number) => CALLER.bottom - share * (CALLER.bottom - CALLER.top)

/** The level as an area, what counts as speech as a ground, the probability of speech as a line. */
function drawCaller(context: CanvasRenderingContext2D, colours: Colours, points: FloorPoint[], x: Along) {
  for (const [a, b] of pairs(points)) {
    const [left, right] = [x(a.at_ms), x(b.at_ms)]
    if (b.state === 'speaking') {
      context.fillStyle = colours.callerSoft
      context.fillRect(left, CALLER.top, right - left + 0.5, CALLER.bottom - CALLER.top)
    }
    context.fillStyle = colours.caller
    context.globalAlpha = b.state === 'quiet' ? 0.35 : 0.75
    context.beginPath()
    context.moveTo(left, CALLER.bottom)
    context.lineTo(left, at(height(a.level_db)))
    context.lineTo(right, at(height(b.level_db)))
    context.lineTo(right, CALLER.bottom)
    context.fill()
    context.globalAlpha = 1
  }
  context.strokeStyle = colours.text
  context.lineWidth = 1.5
  context.setLineDash([3, 2])
  context.beginPath()
  for (const [a, b] of pairs(points)) {
    context.moveTo(x(a.at_ms), at(a.speech))
    context.lineTo(x(b.at_ms), at(b.speech))
  }
  context.stroke()
  context.setLineDash([])
}

/** Thinking is an outline, speaking is full, held is hatched: told apart without colours too. */
function drawAgent(context: CanvasRenderingContext2D, colours: Colours, points: FloorPoint[], x: Along) {
  for (const { agent, from, to } of stretches(points)) {
    if (agent === 'none') continue
    const [left, width] = [x(from), Math.max(2, x(to) - x(from))]
    const tall = AGENT.bottom - AGENT.top
    context.fillStyle = context.strokeStyle = colours.agent
    if (agent === 'speaking') context.fillRect(left, AGENT.top, width, tall)
    else {
      context.lineWidth = 1.5
      context.setLineDash(agent === 'making' ? [4, 3] : [])
      context.strokeRect(left + 1, AGENT.top + 1, Math.max(1, width - 2), tall - 2)
      context.setLineDash([])
      if (agent === 'resuming') hatch(context, left, width, tall)
    }
  }
}

function hatch(context: CanvasRenderingContext2D, left: number, width: number, tall: number) {
  context.save()
  context.beginPath()
  context.rect(left, AGENT.top, width, tall)
  context.clip()
  context.lineWidth = 1.5
  context.beginPath()
  for (let x = left - tall; x < left + width; x += 7) {
    context.moveTo(x, AGENT.bottom)
    context.lineTo(x + tall, AGENT.top)
  }
  context.stroke()
  context.restore()
}

/** Interruptions: a cross where the agent was stopped. Ends of turns: a line. */
function drawMarks(context: CanvasRenderingContext2D, colours: Colours, { happened }: Picture, x: Along) {
  for (const { deed, at_ms } of happened) {
    if (deed === 'turnOver') drawLine(context, x(at_ms), CALLER.top, AGENT.bottom, colours.agent, 2)
    if (deed !== 'interrupted') continue
    const [cx, cy, r] = [x(at_ms), (AGENT.top + AGENT.bottom) / 2, 6]
    context.strokeStyle = colours.alarm
    context.lineWidth = 2.5
    context.beginPath()
    context.moveTo(cx - r, cy - r)
    context.lineTo(cx + r, cy + r)
    context.moveTo(cx - r, cy + r)
    context.lineTo(cx + r, cy - r)
    context.stroke()
  }
}

/** The silence as a band that grows towards the moment at which it will end the turn. */
function drawPause(
  context: CanvasRenderingContext2D,
  colours: Colours,
  last: FloorPoint,
  now_ms: number,
  x: Along,
) {
  if (last.state !== 'paused') return
  const began = last.at_ms - last.silence_ms
  const end = began + last.endpoint_ms
  const middle = (CALLER.top + CALLER.bottom) / 2
  context.fillStyle = colours.agent
  context.fillRect(x(began), middle - 4, x(Math.min(now_ms, end)) - x(began), 8)
  context.strokeStyle = colours.agent
  context.lineWidth = 1
  context.strokeRect(x(began) + 0.5, middle - 3.5, x(end) - x(began), 7)
  drawLine(context, x(end), CALLER.top, CALLER.bottom, colours.agent, 2, [5, 3])
}

function* pairs(points: FloorPoint[]): Generator<[FloorPoint, FloorPoint]> {
  for (let i = 1; i < points.length; i++)
    if (points[i]!.at_ms - points[i - 1]!.at_ms <= JOINED_MS) yield [points[i - 1]!, points[i]!]
}

export interface Stretch {
  agent: FloorPoint['agent']
  from: number
  to: number
}

/** What the agent did, from when to when. */
export function stretches(points: readonly FloorPoint[]): Stretch[] {
  const found: Stretch[] = []
  for (const { agent, at_ms } of points) {
    const last = found.at(-1)
    if (last) last.to = at_ms
    if (last?.agent !== agent) found.push({ agent, from: at_ms, to: at_ms })
  }
  return found
}
