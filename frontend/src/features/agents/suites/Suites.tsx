/** The agent's test suites: which there are, what came of their last runs, and one of them to work on. */
import { Badge, Button, Group, Modal, Stack, Table, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { IconChecklist, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { May } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { Time } from '@/components/format'
import { Empty, Loaded } from '@/components/states'
import type { Draft } from '../editor/useDraft'
import { readSuite, useSuites, useSuitesAgain } from './data'
import { StateBadge } from './StateBadge'
import { SuiteEditor } from './SuiteEditor'

/** A suite, and the run whose report is to be seen. */
export interface OpenSuite {
  suite: string
  run?: string
}

interface SuitesProps {
  draft: Draft
  open: OpenSuite | null
  onOpen: (open: OpenSuite | null) => void
}

export function Suites({ draft, open, onOpen }: SuitesProps) {
  const { t } = useTranslation('agents')
  const [making, make] = useDisclosure()
  const query = useSuites(draft.stored.agent.id)
  if (open)
    return (
      <OneSuite key={`${open.suite} ${open.run}`} draft={draft} open={open} onClose={() => onOpen(null)} />
    )
  const button = (
    <May permission="agents.write">
      <Button leftSection={<IconPlus size={16} />} onClick={make.open}>
        {t('suites.new')}
      </Button>
    </May>
  )
  return (
    <Loaded query={query}>
      {({ results }) => (
        <>
          {results.length === 0 ? (
            <Empty
              icon={IconChecklist}
              title={t('suites.emptyTitle')}
              text={t('suites.emptyText')}
              action={button}
            />
          ) : (
            <Stack gap="md">
              <Group justify="space-between" align="flex-start">
                <Text size="sm" c="dimmed" maw={640}>
                  {t('suites.lead')}
                </Text>
                {button}
              </Group>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('suites.name')}</Table.Th>
                    <Table.Th>{t('suites.lastRun')}</Table.Th>
                    <Table.Th visibleFrom="sm">{t('suites.when')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {results.map((suite) => (
                    <Table.Tr key={suite.id}>
                      <Table.Td>
                        <UnstyledButton fw={500} mih={24} onClick={() => onOpen({ suite: suite.id })}>
                          {suite.name}
                        </UnstyledButton>
                        <Group gap="xs">
                          <Text size="sm" c="dimmed">
                            {t('suites.cases', { count: suite.cases.length })}
                          </Text>
                          {suite.gate && <Badge variant="outline">{t('suites.guards')}</Badge>}
                        </Group>
                      </Table.Td>
                      <Table.Td>
                        {suite.last_run ? (
                          <>
                            <StateBadge state={suite.last_run.state} />
                            <Text size="sm" c="dimmed">
                              {t('suites.passedOf', {
                                passed: suite.last_run.passed,
                                total: suite.last_run.total,
                              })}
                            </Text>
                          </>
                        ) : (
                          <Text size="sm" c="dimmed">
                            {t('suites.never')}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td visibleFrom="sm">
                        {suite.last_run && <Time at={suite.last_run.created_at} />}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Stack>
          )}
          <Modal opened={making} onClose={make.close} title={t('suites.new')}>
            <NewSuite
              agent={draft.stored.agent.id}
              onMade={(suite) => onOpen({ suite })}
              onClose={make.close}
            />
          </Modal>
        </>
      )}
    </Loaded>
  )
}

function OneSuite({ draft, open, onClose }: { draft: Draft; open: OpenSuite; onClose: () => void }) {
  const query = useQuery({
    queryKey: ['suite', open.suite],
    queryFn: () => readSuite(open.suite),
    // What is being edited must not change under the hands.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  return (
    <Loaded query={query} rows={6}>
      {(read) => <SuiteEditor read={read} draft={draft} onClose={onClose} run={open.run ?? null} />}
    </Loaded>
  )
}

interface NewSuiteProps {
  agent: string
  onMade: (suite: string) => void
  onClose: () => void
}

function NewSuite({ agent, onMade, onClose }: NewSuiteProps) {
  const { t } = useTranslation(['agents', 'common'])
  const again = useSuitesAgain()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (name) => (name.trim() ? null : t('suites.fault.name')) },
  })
  const make = $api.useMutation('post', '/api/v1/agents/{id}/suites', {
    onSuccess: (suite) => {
      again()
      done(t('suites.created'))
      onClose()
      onMade(suite.id)
    },
    onError: (error) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name }) => {
        setProblem(null)
        make.mutate({ params: { path: { id: agent } }, body: { name: name.trim(), cases: [] } })
      })}
    >
      <Stack>
        <TextInput
          label={t('suites.newName')}
          maxLength={120}
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={t('suites.create')}
          busy={make.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
