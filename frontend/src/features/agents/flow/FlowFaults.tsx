/** What is wrong with the flow, in words; each leads to its step. */
import { Alert, Anchor, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Editing } from '@/components/flow/FlowCanvas'
import type { Flow } from '@/components/flow/types'
import { unreached } from '@/components/flow/ways'

/** More than these are counted only. */
const SHOWN = 8

interface FlowFaultsProps {
  flow: Flow
  /** By node; those of the graph as a whole under ''. */
  faults: Record<string, { place: string; text: string }[]>
  onSelect: Editing['onSelect']
}

export function FlowFaults({ flow, faults, onSelect }: FlowFaultsProps) {
  const { t } = useTranslation('agents')
  const lost = unreached(flow)
  const all = Object.entries(faults).flatMap(([node, found]) => found.map((fault) => ({ node, ...fault })))
  if (all.length === 0 && lost.length === 0) return null
  return (
    <Alert color="amber" icon={<IconAlertTriangle size={18} />} py="xs" role="status">
      {all.slice(0, SHOWN).map(({ node, place, text }) => (
        <Text key={place} size="sm">
          {flow.nodes[node] && (
            <>
              <Anchor component="button" type="button" inherit fw={600} onClick={() => onSelect({ node })}>
                {flow.nodes[node].label || node}
              </Anchor>{' '}
            </>
          )}
          {text}
        </Text>
      ))}
      {all.length > SHOWN && <Text size="sm">{t('flow.moreFaults', { count: all.length - SHOWN })}</Text>}
      {lost.length > 0 && <Text size="sm">{t('flow.unreached', { names: lost.join(', ') })}</Text>}
    </Alert>
  )
}
