/** One file: what its columns are, what came of reading it, and taking it over. */
import { Alert, Button, Group, Progress, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { failed } from '@/components/forms'
import { count } from '@/components/format'
import { useCancelImport, useCommitImport } from '../data'
import type { ContactImport } from '../shared/types'
import { Mapping } from './Mapping'
import { Report } from './Report'
import classes from '../setup/setup.module.css'

interface ImportProps {
  campaign: string
  found: ContactImport
}

export function ImportPanel({ campaign, found }: ImportProps) {
  const { t } = useTranslation('campaigns')
  const [remap, setRemap] = useState(false)
  useCounted(campaign, found.state)
  const delimiter = found.delimiter === '\t' ? t('import.tab') : found.delimiter
  const mapping = found.state === 'uploaded' || found.state === 'failed' || (remap && found.state === 'ready')
  return (
    <Stack gap="sm" component="section" aria-label={found.filename}>
      <Group justify="space-between" align="baseline">
        <Title order={3} size="h4" style={{ overflowWrap: 'anywhere' }}>
          {found.filename}
        </Title>
        {found.encoding && !mapping && (
          <Text size="sm" c="dimmed">
            {t('import.dialect', { encoding: found.encoding, delimiter })}
          </Text>
        )}
      </Group>
      {found.problem && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />}>
          {found.problem}
        </Alert>
      )}
      {(found.state === 'reading' || found.state === 'committing') && <Working found={found} />}
      {mapping && <Mapping campaign={campaign} found={found} onSent={() => setRemap(false)} />}
      {(found.state === 'ready' || found.state === 'done') && !mapping && (
        <Result campaign={campaign} found={found} onRemap={() => setRemap(true)} />
      )}
    </Stack>
  )
}

/** Has the campaign's numbers read again once its contacts are there. */
function useCounted(campaign: string, state: ContactImport['state']) {
  const queries = useQueryClient()
  useEffect(() => {
    if (state !== 'done') return
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/campaigns/{id}'] })
    void queries.invalidateQueries({ queryKey: ['preflight', campaign] })
  }, [queries, campaign, state])
}

function Working({ found: { state, progress } }: { found: ContactImport }) {
  const { t } = useTranslation('campaigns')
  const percent = Math.round(100 * progress)
  const label = t(state === 'reading' ? 'import.reading' : 'import.committing', { percent })
  return (
    <div>
      <Text size="sm" role="status" mb={4}>
        {label}
      </Text>
      <Progress value={percent} aria-label={label} />
    </div>
  )
}

function Result({ campaign, found, onRemap }: ImportProps & { onRemap: () => void }) {
  const { t } = useTranslation('campaigns')
  const commit = useCommitImport(campaign)
  const cancel = useCancelImport(campaign)
  const ready = found.state === 'ready'
  return (
    <Stack gap="sm">
      <dl className={classes.figures}>
        {(['good', 'duplicates', 'refused'] as const).map((kind) => (
          <div key={kind}>
            <dt>{t(`import.${kind}`)}</dt>
            <dd className="tl-mono">{count(found[kind])}</dd>
          </div>
        ))}
      </dl>
      <Reasons title={t('import.refusedBecause')} counts={found.refusals} />
      <Reasons title={t('import.setAside')} counts={found.summary.set_aside ?? {}} />
      <Reasons title={t('import.warnings')} counts={found.summary.warnings ?? {}} />
      {found.has_report && <Report found={found} />}
      <Group gap="xs">
        {ready && (
          <>
            <Button
              loading={commit.isPending}
              disabled={found.good === 0}
              onClick={() => commit.mutate(found.id, { onError: failed })}
            >
              {t('import.commit', { count: found.good, shown: count(found.good) })}
            </Button>
            <Button variant="default" onClick={onRemap}>
              {t('import.remap')}
            </Button>
            <Button
              variant="default"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(found.id, { onError: failed })}
            >
              {t('import.cancel')}
            </Button>
          </>
        )}
        {!ready && (
          <Text size="sm" role="status">
            {t('import.done')}
          </Text>
        )}
      </Group>
    </Stack>
  )
}

function Reasons({ title, counts }: { title: string; counts: Record<string, number> }) {
  const { t, i18n } = useTranslation('campaigns')
  const found = Object.entries(counts).filter(([, n]) => n > 0)
  if (found.length === 0) return null
  // A reason that the server learnt later is told by its own name.
  const words = (why: string) =>
    i18n.exists(`reason.${why}`, { ns: 'campaigns' })
      ? t(`reason.${why}` as 'reason.not_a_number')
      : why.replaceAll('_', ' ')
  return (
    <div>
      <Text size="sm" fw={500}>
        {title}
      </Text>
      <ul>
        {found.map(([why, n]) => (
          <li key={why}>
            <Text size="sm">{t('reasonCount', { why: words(why), shown: count(n) })}</Text>
          </li>
        ))}
      </ul>
    </div>
  )
}
