/** The way of the call through its agent's flow: on the canvas where the flow is known, else as a line. */
import { IconArrowRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallEvent } from '@/api/live'
import { useTenant } from '@/api/session'
import { FlowPath } from '@/components/flow/FlowPath'
import { completeFlow } from '@/components/flow/nodes'
import type { Flow, Move } from '@/components/flow/types'
import { belongs, movesIn } from '@/components/flow/walk'
import classes from './beside.module.css'
import { Section } from './Section'
import type { CallDetail } from './useCall'

export function FlowSection({ call, events }: { call: CallDetail; events: readonly CallEvent[] }) {
  const { t } = useTranslation('calls')
  const moves = movesIn(events.map(({ event }) => event))
  const flow = useFlowOf(call, moves.length > 0)
  if (moves.length === 0) return null
  const live = call.state !== 'ended'
  return (
    <Section title={t('flowTitle')}>
      {flow && belongs(flow, moves) ? (
        <FlowPath flow={flow} moves={moves} live={live} />
      ) : (
        <Line moves={moves} live={live} />
      )}
    </Section>
  )
}

/** That of the version which took the call. */
function useFlowOf(call: CallDetail, wanted: boolean): Flow | null {
  const { may } = useTenant()
  const versions = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path: { id: call.agent ?? '' }, query: { limit: 200 } } },
    { enabled: wanted && may('agents.read') && !!call.agent && !!call.agent_version },
  )
  const version = versions.data?.results.find(({ id }) => id === call.agent_version)
  const flow = (version?.config as { flow?: Flow | null } | undefined)?.flow
  return flow ? completeFlow(flow) : null
}

function Line({ moves, live }: { moves: readonly Move[]; live: boolean }) {
  return (
    <ol className={classes.path}>
      {moves.map(({ node }, i) => (
        <li key={i} aria-current={live && i === moves.length - 1 ? 'step' : undefined}>
          {i > 0 && <IconArrowRight size={13} aria-hidden />}
          <span className="tl-mono">{node}</span>
        </li>
      ))}
    </ol>
  )
}
