/** Sends again what was given up, or all, of a time: first how many that are, then the doing. */
import { Button, Checkbox, Group, Modal, MultiSelect, SimpleGrid, Stack, Text } from '@mantine/core'
import { DateTimePicker } from '@mantine/dates'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormProblem } from '@/components/forms'
import { count } from '@/components/format'
import { type Endpoint, useEventTypes, useWebhooksChanged } from '../data'
import { bodyOf, emptyRange, type RangeForm, REPLAYABLE } from './range'

const SHOWN = 'D MMM YYYY HH:mm'

interface ReplayRangeProps {
  endpoint: Endpoint
  opened: boolean
  onClose: () => void
}

export function ReplayRange({ opened, ...rest }: ReplayRangeProps) {
  const { t } = useTranslation('webhooks')
  return (
    <Modal opened={opened} onClose={rest.onClose} title={t('replayRange')} size="lg">
      <Range {...rest} />
    </Modal>
  )
}

function Range({ endpoint, onClose }: Omit<ReplayRangeProps, 'opened'>) {
  const { t } = useTranslation(['webhooks', 'common'])
  const types = useEventTypes()
  const clear = { 'aria-label': t('log.clear') }
  const [problem, setProblem] = useState<string | null>(null)
  const [found, setFound] = useState<number>()
  const form = useForm<RangeForm>({
    initialValues: emptyRange(),
    validate: { states: (states) => (states.length > 0 ? null : t('fault.states')) },
    // What was counted is no longer what would be sent.
    onValuesChange: () => setFound(undefined),
  })
  const onError = (error: unknown) => setProblem(showProblem(form, error))
  const changed = useWebhooksChanged()
  const params = { path: { id: endpoint.id } }
  const counting = $api.useMutation('post', '/api/v1/webhooks/{id}/replay', {
    onError,
    onSuccess: ({ replayed }) => setFound(replayed),
  })
  const replaying = $api.useMutation('post', '/api/v1/webhooks/{id}/replay', {
    onError,
    onSuccess: async ({ replayed }) => {
      done(t('rangeReplayed', { count: replayed, shown: count(replayed) }))
      onClose()
      await changed()
    },
  })
  const submit = (values: RangeForm) => {
    setProblem(null)
    if (found === undefined) counting.mutate({ params, body: { ...bodyOf(values), dry_run: true } })
    else replaying.mutate({ params, body: { ...bodyOf(values), dry_run: false } })
  }
  return (
    <form noValidate onSubmit={form.onSubmit(submit)}>
      <Stack>
        <Text size="sm">{t('rangeText')}</Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <DateTimePicker
            label={t('rangeSince')}
            valueFormat={SHOWN}
            clearable
            clearButtonProps={clear}
            {...form.getInputProps('since')}
          />
          <DateTimePicker
            label={t('rangeUntil')}
            placeholder={t('rangeNow')}
            valueFormat={SHOWN}
            clearable
            clearButtonProps={clear}
            {...form.getInputProps('until')}
          />
        </SimpleGrid>
        <Checkbox.Group label={t('rangeStates')} {...form.getInputProps('states')}>
          <Stack gap={6} mt={6}>
            {REPLAYABLE.map((state) => (
              <Checkbox key={state} value={state} label={t(`rangeState.${state}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <MultiSelect
          label={t('events')}
          placeholder={form.values.types.length === 0 ? t('eventsAll') : undefined}
          searchable
          clearable
          clearButtonProps={clear}
          data={types.data?.results.map(({ name }) => name) ?? []}
          {...form.getInputProps('types')}
        />
        <FormProblem text={problem} />
        {found !== undefined && (
          <Text role="status" fw={500}>
            {t('rangeCount', { count: found, shown: count(found) })}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" loading={counting.isPending || replaying.isPending} disabled={found === 0}>
            {found ? t('rangeReplay', { count: found, shown: count(found) }) : t('rangeAsk')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
