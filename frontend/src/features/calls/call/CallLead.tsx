/** Who, when, how it ended: the line under the title. */
import { Anchor, Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { DirectionIcon, StateBadge, TestBadge } from '@/components/call/badges'
import { Time, duration, latency } from '@/components/format'
import { useNow } from '../useNow'
import type { CallDetail } from './useCall'

export function CallLead({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  return (
    <Group gap="xs" style={{ rowGap: 4 }}>
      {call.state !== 'ended' && <StateBadge state={call.state} />}
      <TestBadge test={call.test} />
      {call.end_words && (
        <Text span inherit c="var(--mantine-color-text)" fw={500}>
          {call.end_words}
        </Text>
      )}
      <DirectionIcon direction={call.direction} label />
      <Time at={call.created_at} />
      <Lasted call={call} />
      {call.agent && (
        <span>
          {t('withAgent')} <AgentLink call={call} />
        </span>
      )}
    </Group>
  )
}

function Lasted({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const running = call.state === 'in_progress'
  const now = useNow(running)
  if (!call.answered_at) return call.state === 'ended' ? <span>{t('notAnswered')}</span> : null
  const ms = running ? Math.max(0, now - Date.parse(call.answered_at)) : call.duration_ms
  const wait = Date.parse(call.answered_at) - Date.parse(call.ringing_at ?? call.answered_at)
  return (
    <>
      <span className="tl-mono">{t('durationOf', { time: duration(ms) })}</span>
      {wait > 0 && <span>{t('answeredAfter', { time: latency(wait) })}</span>}
    </>
  )
}

function AgentLink({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const { path, may } = useTenant()
  const id = call.agent ?? ''
  const versions = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path: { id }, query: { limit: 200 } } },
    { enabled: may('agents.read') && !!call.agent_version },
  )
  const number = versions.data?.results.find((version) => version.id === call.agent_version)?.number
  const name = call.agent_name ?? t('noAgent')
  const shown = (
    <>
      {name}
      {number !== undefined && `, ${t('version', { version: number })}`}
    </>
  )
  if (!may('agents.read')) return <span>{shown}</span>
  return (
    <Anchor component={Link} to={path(`agents/${id}`)} inherit>
      {shown}
    </Anchor>
  )
}
