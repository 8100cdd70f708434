/** The way of the call through its agent's flow, on the canvas; where it is, while it runs. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { CallEvent, EventBody } from '@/api/live'
import { useTenant } from '@/api/session'
import { completeFlow } from '@/components/flow/nodes'
import { FlowPath } from '@/components/flow/FlowPath'
import type { Flow } from '@/components/flow/types'
import { movesIn } from '@/components/flow/walk'
import { Section } from './Section'
import type { CallDetail } from './useCall'

export function FlowOfCall({ call, events }: { call: CallDetail; events: readonly CallEvent[] }) {
  const { t } = useTranslation('flow')
  const bodies = useMemo(() => events.map(({ event }) => event), [events])
  const moves = useMemo(() => movesIn(bodies), [bodies])
  const flow = useFlowOf(call, bodies, moves.length > 0)
  if (!flow || moves.length === 0) return null
  const running = call.state !== 'ended'
  return (
    <Section title={running ? t('pathLive') : t('path')}>
      <FlowPath flow={flow} moves={moves} live={running} />
    </Section>
  )
}

/** The flow of the version that spoke last: the call's own, or that of whom it was handed over to. */
function useFlowOf(call: CallDetail, events: readonly EventBody[], wanted: boolean): Flow | null {
  const { may } = useTenant()
  const over = events.findLast((event) => event.type === 'handed_over')
  const id = over?.agent ?? call.agent ?? ''
  const enabled = wanted && may('agents.read') && id !== ''
  const fixed = over ? over.version !== null : !!call.agent_version
  const versions = $api.useQuery(
    'get',
    '/api/v1/agents/{id}/versions',
    { params: { path: { id }, query: { limit: 200 } } },
    { enabled: enabled && fixed, staleTime: Infinity },
  )
  // A conversation in the browser may have been with the draft.
  const agent = $api.useQuery(
    'get',
    '/api/v1/agents/{id}',
    { params: { path: { id } } },
    { enabled: enabled && !fixed },
  )
  const version = versions.data?.results.find((one) =>
    over ? one.number === over.version : one.id === call.agent_version,
  )
  const flow = (fixed ? version?.config : agent.data?.config)?.flow
  return useMemo(() => (flow ? completeFlow(flow) : null), [flow])
}
