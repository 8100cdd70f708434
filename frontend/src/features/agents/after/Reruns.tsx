/** Having past calls read anew by what is saved: first how many and what it costs, then on demand. */
import { Alert, Button, Group, Stack } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { IconInfoCircle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { Failed } from '@/components/states'
import { Part } from '../editor/fields'
import type { Draft } from '../editor/useDraft'
import { OneRerun } from './OneRerun'
import { spanOf, useEstimate, useReruns } from './reruns'

export function Reruns({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { id: agent, published_version, has_unpublished_changes } = draft.stored.agent
  const query = useReruns(agent)
  // An estimate that was discarded is nothing to look back at.
  const reruns = (query.data?.results ?? []).filter(
    ({ state, started_at }) => state !== 'cancelled' || started_at,
  )
  return (
    <Part title={t('after.rerun')} lead={t('after.rerunHelp')}>
      {published_version && (draft.dirty || has_unpublished_changes) && (
        <Alert color="gray" py="xs" icon={<IconInfoCircle size={16} />}>
          {t('after.rerunUnpublished')}
        </Alert>
      )}
      <Ask agent={agent} />
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      <Stack gap={0}>
        {reruns.map((rerun) => (
          <OneRerun key={rerun.id} rerun={rerun} />
        ))}
      </Stack>
    </Part>
  )
}

function Ask({ agent }: { agent: string }) {
  const { t } = useTranslation('agents')
  const [since, setSince] = useState<string | null>(null)
  const [until, setUntil] = useState<string | null>(null)
  const estimate = useEstimate()
  return (
    <>
      <Group gap="sm" align="flex-end">
        <DatePickerInput
          label={t('after.rerunSince')}
          placeholder={t('after.rerunAny')}
          w={150}
          valueFormat="D MMM YYYY"
          clearable
          maxDate={until ?? undefined}
          value={since}
          onChange={setSince}
        />
        <DatePickerInput
          label={t('after.rerunUntil')}
          placeholder={t('after.rerunAny')}
          w={150}
          valueFormat="D MMM YYYY"
          clearable
          minDate={since ?? undefined}
          value={until}
          onChange={setUntil}
        />
        <Button
          variant="light"
          loading={estimate.isPending}
          onClick={() => estimate.mutate({ params: { path: { id: agent } }, body: spanOf(since, until) })}
        >
          {t('after.rerunEstimate')}
        </Button>
      </Group>
      <FormProblem text={estimate.isError ? asProblem(estimate.error).detail : null} />
    </>
  )
}
