/** The line of a way that leads back up: around the right side of both nodes, so that it crosses neither. */
import { NODE } from './layout'

interface Ends {
  sourceX: number
  sourceY: number
  targetX: number
  targetY: number
}

const AWAY = 44
const DIP = 22
const ROUND = 12
/** Several ways back between the same two nodes run beside each other. */
const BESIDE = 18

/** The SVG path, and where its label stands. */
export function wayBack(
  { sourceX, sourceY, targetX, targetY }: Ends,
  nth: number,
): [path: string, x: number, y: number] {
  const right = Math.max(sourceX, targetX) + NODE.width / 2 + AWAY + nth * BESIDE
  const low = sourceY + DIP
  const high = targetY - DIP
  const path = [
    `M ${sourceX} ${sourceY}`,
    `L ${sourceX} ${low - ROUND} Q ${sourceX} ${low} ${sourceX + ROUND} ${low}`,
    `L ${right - ROUND} ${low} Q ${right} ${low} ${right} ${low - ROUND}`,
    `L ${right} ${high + ROUND} Q ${right} ${high} ${right - ROUND} ${high}`,
    `L ${targetX + ROUND} ${high} Q ${targetX} ${high} ${targetX} ${high + ROUND}`,
    `L ${targetX} ${targetY}`,
  ].join(' ')
  return [path, right, (low + high) / 2]
}
