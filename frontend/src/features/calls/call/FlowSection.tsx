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
  const flow = useFlowOf(call, events, moves.length > 0)
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

/** That of the version which the call is with now; a call with a draft has none, and goes by the draft. */
function useFlowOf(call: CallDetail, events: readonly CallEvent[], wanted: boolean): Flow | null {
  const { may } = useTenant()
  const handed = events.findLast(({ event }) => event.type === 'handed_over')?.event
  const to = handed?.type === 'handed_over' ? handed : null
  const id = to?.agent ?? call.agent ?? ''
  const draft = !to && !call.agent_version
  const path = { id }
  const enabled = wanted && may('agents.read') && id !== ''
  const agent = $api.useQuery(
    'get',
    '/api/v1/agents/{id}',
    { params: { path } },
    { enabled: enabled && draft },
  )
  const versions = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path, query: { limit: 200 } } },
    { enabled: enabled && !draft },
  )
  const version = versions.data?.results.find((one) =>
    to ? one.number === to.version : one.id === call.agent_version,
  )
  const config = (draft ? agent.data?.config : version?.config) as { flow?: Flow | null } | undefined
  return config?.flow ? completeFlow(config.flow) : null
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
