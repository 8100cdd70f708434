/** How the agent is led: by one prompt, or by a flow of steps, which is edited here. */
import { Button, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconRoute } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Flow, Move } from '@/components/flow/types'
import { useTenant } from '@/api/session'
import { confirmDanger } from '@/components/forms'
import { useAgentForm } from '../editor/form'
import { flowOf } from './edit'
import { FlowEditor } from './FlowEditor'
import type { HistoryStore } from './history'
import { PLACE } from './useFlow'

interface FlowSectionProps {
  agent: string
  store: HistoryStore<Flow>
  /** The steps of the conversation that is being tried. */
  moves: readonly Move[]
  live: boolean
}

export function FlowSection({ agent, store, moves, live }: FlowSectionProps) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const { may } = useTenant()
  const form = useAgentForm()
  const { config } = form.values
  const make = () => {
    const words = { task: t('flow.task'), done: t('flow.done'), goodbye: t('flow.goodbye') }
    form.setFieldValue(PLACE, store.kept.current ?? flowOf(config, words))
  }
  const drop = () =>
    confirmDanger({
      title: t('flow.dropTitle'),
      text: t('flow.dropText'),
      confirm: t('flow.drop'),
      cancel: common('cancel'),
      onConfirm: () => {
        store.kept.current = config.flow
        form.setFieldValue(PLACE, null)
      },
    })
  return (
    <Stack gap="md">
      <SegmentedControl
        aria-label={t('flow.kind')}
        style={{ alignSelf: 'flex-start' }}
        disabled={!may('agents.write')}
        value={config.flow ? 'graph' : 'one'}
        onChange={(value) => (value === 'graph' ? make() : drop())}
        data={[
          { value: 'one', label: t('flow.one') },
          { value: 'graph', label: t('flow.graph') },
        ]}
      />
      {config.flow ? (
        <FlowEditor agent={agent} store={store} moves={moves} live={live} />
      ) : (
        <>
          <Text size="sm" c="dimmed" maw={640}>
            {t('flow.intro')}{' '}
            {config.model.provider === 'script' ? t('flow.madeOfScript') : t('flow.madeOfPrompt')}
          </Text>
          {may('agents.write') && (
            <Button
              variant="default"
              style={{ alignSelf: 'flex-start' }}
              leftSection={<IconRoute size={16} />}
              onClick={make}
            >
              {t('flow.make')}
            </Button>
          )}
        </>
      )}
    </Stack>
  )
}
