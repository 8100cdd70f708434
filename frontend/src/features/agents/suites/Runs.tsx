/** The runs of a suite, newest first, and the report of one. */
import { Button, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Time } from '@/components/format'
import { Loaded } from '@/components/states'
import { useRuns } from './data'
import { Report } from './Report'
import { StateBadge } from './StateBadge'
import type { Run } from './types'

interface RunsProps {
  suite: string
  /** Whose report is shown. */
  open: string | null
  onOpen: (run: string | null) => void
}

export function Runs({ suite, open, onOpen }: RunsProps) {
  const { t } = useTranslation('agents')
  const query = useRuns(suite, true)
  const runs = query.data?.results ?? []
  if (open !== null)
    return (
      <Stack gap="md">
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconArrowLeft size={15} />}
          onClick={() => onOpen(null)}
        >
          {t('suites.runsView')}
        </Button>
        <Report key={open} run={open} before={runBefore(runs, open)} />
      </Stack>
    )
  return (
    <Loaded query={query}>
      {({ results }) =>
        results.length === 0 ? (
          <Text c="dimmed">{t('suites.noRuns')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={320}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('suites.result')}</Table.Th>
                  <Table.Th>{t('suites.source')}</Table.Th>
                  <Table.Th visibleFrom="sm">{t('suites.when')}</Table.Th>
                  <Table.Th visibleFrom="sm">{t('suites.by')}</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>{t('suites.report')}</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {results.map((run) => (
                  <Row key={run.id} run={run} onOpen={() => onOpen(run.id)} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )
      }
    </Loaded>
  )
}

/** The one that ended before it. */
function runBefore(runs: readonly Run[], id: string): string | undefined {
  const at = runs.findIndex((run) => run.id === id)
  return runs.slice(at + 1).find((run) => run.state !== 'running' && run.state !== 'cancelled')?.id
}

function Row({ run, onOpen }: { run: Run; onOpen: () => void }) {
  const { t } = useTranslation('agents')
  return (
    <Table.Tr>
      <Table.Td>
        <StateBadge state={run.state} />
        <Text size="sm" c="dimmed">
          {t('suites.passedOf', { passed: run.passed, total: run.total })}
        </Text>
      </Table.Td>
      <Table.Td>{run.version ? t('suites.version', { number: run.version }) : t('suites.draft')}</Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={run.created_at} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{run.started_by ?? t('suites.nobody')}</Table.Td>
      <Table.Td ta="end">
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={t('suites.showReport', { when: run.created_at })}
          onClick={onOpen}
        >
          {t('suites.report')}
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}
