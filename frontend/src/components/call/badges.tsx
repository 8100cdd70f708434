/** What a call is and how it ended, in a word. */
import { Badge, Group, Text, Tooltip } from '@mantine/core'
import { IconMicrophone, IconPhoneIncoming, IconPhoneOutgoing } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { components } from '@/api/schema'
import { call as texts } from './texts'
import type { CallState, Direction } from './types'

type EndReasonKey = NonNullable<components['schemas']['Call']['end_reason']>

const STATE_COLORS: Record<CallState, string> = {
  queued: 'gray',
  dialing: 'amber',
  ringing: 'amber',
  in_progress: 'petrol',
  ended: 'gray',
}

export function StateBadge({ state }: { state: CallState }) {
  const { t } = useTranslation('call')
  return (
    <Badge color={STATE_COLORS[state]} variant={state === 'in_progress' ? 'filled' : 'light'}>
      {t(`state_${state}`)}
    </Badge>
  )
}

/** Ends that somebody should look at: the platform or a service it needs did not do its part. */
const FAULTS: ReadonlySet<string> = new Set<EndReasonKey>([
  'unreachable',
  'blocked',
  'no_codec',
  'no_capacity',
  'media_lost',
  'not_ready',
  'provider_failed',
  'node_lost',
  'node_stopped',
  'job_expired',
  'failed',
])

export function isFault(reason: string): boolean {
  return FAULTS.has(reason)
}

/** The reason in few words; `words` (the API's sentence) when pointed at, and for reasons we do not know. */
export function EndReason({ reason, words }: { reason: string | null; words?: string }) {
  const { t } = useTranslation('call')
  if (!reason) return null
  const known = `end_${reason}` in texts
  const text = (
    <Text span inherit c={isFault(reason) ? 'var(--mantine-color-error)' : undefined}>
      {known ? t(`end_${reason as EndReasonKey}`) : (words ?? reason)}
    </Text>
  )
  return words && known ? <Tooltip label={words}>{text}</Tooltip> : text
}

const DIRECTION_ICONS = {
  inbound: IconPhoneIncoming,
  outbound: IconPhoneOutgoing,
  browser: IconMicrophone,
} as const

export function DirectionIcon({ direction, label = false }: { direction: Direction; label?: boolean }) {
  const { t } = useTranslation('call')
  const Picture = DIRECTION_ICONS[direction]
  const name = t(`direction_${direction}`)
  if (label)
    return (
      <Group gap={6} component="span" display="inline-flex" wrap="nowrap">
        <Picture size={16} stroke={1.7} aria-hidden />
        {name}
      </Group>
    )
  return (
    <Tooltip label={name}>
      <Picture size={16} stroke={1.7} role="img" aria-label={name} />
    </Tooltip>
  )
}

export function TestBadge({ test }: { test: boolean }) {
  const { t } = useTranslation('call')
  return test ? (
    <Tooltip label={t('testHint')}>
      <Badge color="gray" variant="outline" size="sm">
        {t('test')}
      </Badge>
    </Tooltip>
  ) : null
}
