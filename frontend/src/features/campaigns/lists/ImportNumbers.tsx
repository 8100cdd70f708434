/** A file of numbers that are not called any more: sent, its columns said, read, and taken over. */
import { Button, FileButton, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { IconDownload, IconUpload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormProblem } from '@/components/forms'
import { count } from '@/components/format'
import { Loaded } from '@/components/states'
import { at, commitImport, mapImport } from '../data'
import { sendFile } from '../shared/sendFile'
import type { ColumnMapping, ContactImport } from '../shared/types'
import { useListChanged } from './data'

interface ImportProps {
  opened: boolean
  onClose: () => void
  campaign?: string
}

const POLL_MS = 1_000
const BUSY: readonly string[] = ['reading', 'committing']
const ENDINGS = '.csv,.tsv,.txt,.zip,.gz,text/csv'

/** What the server said is wrong, field by field where it names them. */
function wordsOf(error: unknown): string {
  const { errors, detail } = asProblem(error)
  return errors.map((fault) => fault.detail).join(' ') || detail
}

export function ImportNumbers({ opened, onClose, campaign }: ImportProps) {
  const { t } = useTranslation('campaigns')
  return (
    <Modal opened={opened} onClose={onClose} title={t('dnc.importTitle')}>
      <Steps onClose={onClose} campaign={campaign} />
    </Modal>
  )
}

function Steps({ onClose, campaign }: Omit<ImportProps, 'opened'>) {
  const { t } = useTranslation('campaigns')
  const [id, setId] = useState<string | null>(null)
  const [percent, setPercent] = useState(0)
  const send = useMutation({
    mutationFn: (file: File) => sendFile({ file, kind: 'suppressions', campaign, onProgress: setPercent }),
    onSuccess: (made) => setId(made.id),
  })
  if (id) return <Found key={id} id={id} onClose={onClose} again={() => setId(null)} />
  return (
    <Stack>
      <Text size="sm">{t('dnc.importText')}</Text>
      <Group>
        <FileButton accept={ENDINGS} onChange={(file) => file && send.mutate(file)}>
          {(props) => (
            <Button {...props} loading={send.isPending} leftSection={<IconUpload size={16} />}>
              {t('upload.choose')}
            </Button>
          )}
        </FileButton>
        {send.isPending && (
          <Text size="sm" role="status">
            {t('upload.of', { name: send.variables.name, percent })}
          </Text>
        )}
      </Group>
      <FormProblem text={send.error && wordsOf(send.error)} />
    </Stack>
  )
}

function Found({ id, onClose, again }: { id: string; onClose: () => void; again: () => void }) {
  const { t } = useTranslation('campaigns')
  const changed = useListChanged()
  const query = $api.useQuery('get', '/api/v1/imports/{id}', at(id), {
    refetchInterval: ({ state }) => (BUSY.includes(state.data?.state ?? '') ? POLL_MS : false),
  })
  const state = query.data?.state
  useEffect(() => {
    if (state !== 'done') return
    changed()
    done(t('dnc.imported', { name: query.data?.filename ?? '' }))
    onClose()
    // Once, when it is done.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state])
  return (
    <Loaded query={query} rows={3}>
      {(told) => {
        const found = told as unknown as ContactImport
        const refresh = () => void query.refetch()
        if (BUSY.includes(found.state))
          return (
            <Text size="sm" role="status">
              {t(found.state === 'reading' ? 'import.reading' : 'import.committing', {
                percent: Math.round(100 * found.progress),
              })}
            </Text>
          )
        if (found.state === 'ready') return <Ready found={found} onSent={refresh} again={again} />
        return <Columns found={found} onSent={refresh} />
      }}
    </Loaded>
  )
}

/** Which column has the numbers, and which a note; of a file that failed, why. */
function Columns({ found, onSent }: { found: ContactImport; onSent: () => void }) {
  const { t } = useTranslation('campaigns')
  const [mapping, setMapping] = useState<ColumnMapping>({
    number: found.suggested_mapping.number ?? null,
    note: found.suggested_mapping.note ?? null,
  })
  const send = useMutation({ mutationFn: mapImport, onSuccess: onSent })
  const data = [...new Set(found.columns)].filter(Boolean)
  return (
    <Stack>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {found.filename}
      </Text>
      <FormProblem text={found.problem || null} />
      <Select
        label={t('mapping.role.number')}
        required
        data={data}
        value={mapping.number ?? null}
        onChange={(number) => setMapping({ ...mapping, number })}
      />
      <Select
        label={t('mapping.role.note')}
        clearable
        clearButtonProps={{ 'aria-label': t('hours.clear') }}
        data={data}
        value={mapping.note ?? null}
        onChange={(note) => setMapping({ ...mapping, note })}
      />
      <FormProblem text={send.error && wordsOf(send.error)} />
      <Group>
        <Button
          disabled={!mapping.number}
          loading={send.isPending}
          onClick={() => send.mutate({ id: found.id, mapping })}
        >
          {t('mapping.read')}
        </Button>
      </Group>
    </Stack>
  )
}

interface ReadyProps {
  found: ContactImport
  onSent: () => void
  again: () => void
}

function Ready({ found, onSent, again }: ReadyProps) {
  const { t } = useTranslation('campaigns')
  const { tenant } = useTenant()
  const send = useMutation({ mutationFn: commitImport, onSuccess: onSent })
  return (
    <Stack>
      <Text size="sm">
        {t('dnc.importFound', {
          good: count(found.good),
          duplicates: count(found.duplicates),
          refused: count(found.refused),
        })}
      </Text>
      {found.has_report && (
        <Group>
          <Button
            component="a"
            href={`/api/v1/imports/${found.id}/report.csv?tenant=${tenant.id}`}
            download
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            {t('import.report')}
          </Button>
        </Group>
      )}
      <FormProblem text={send.error && wordsOf(send.error)} />
      <Group>
        <Button disabled={found.good === 0} loading={send.isPending} onClick={() => send.mutate(found.id)}>
          {t('dnc.importCommit', { count: found.good, shown: count(found.good) })}
        </Button>
        <Button variant="default" onClick={again}>
          {t('dnc.importAgain')}
        </Button>
      </Group>
    </Stack>
  )
}
