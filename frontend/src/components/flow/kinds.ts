import {
  IconArrowsSplit,
  IconEar,
  IconForms,
  IconMessage,
  IconMessages,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconTool,
  IconUserShare,
  type Icon,
} from '@tabler/icons-react'
import type { Kind } from './types'

export const PICTURES: Record<Kind, Icon> = {
  prompt: IconMessages,
  say: IconMessage,
  collect: IconForms,
  condition: IconArrowsSplit,
  tool: IconTool,
  transfer: IconPhoneOutgoing,
  hand_over: IconUserShare,
  listen: IconEar,
  end: IconPhoneOff,
}
