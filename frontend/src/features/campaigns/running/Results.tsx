/** Versions of the agent against each other, why contacts were set aside, and all of it as a file. */
import { Button, Group, List, Stack, Table, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { count, duration, share } from '@/components/format'
import type { Told } from './data'
import { byCount } from './figures'
import { useWord } from './words'

export function Versions({ progress }: { progress: Told }) {
  const { t } = useTranslation('campaigns')
  const { versions, comparison } = progress
  if (versions.length < 2) return null
  return (
    <Stack gap="xs" component="section" aria-label={t('run.versions')}>
      <Title order={2} size="h3">
        {t('run.versions')}
      </Title>
      {comparison && <Text size="sm">{comparison.words}</Text>}
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('run.version')}</Table.Th>
            <Table.Th ta="right">{t('run.attempts')}</Table.Th>
            <Table.Th ta="right">{t('run.human')}</Table.Th>
            <Table.Th ta="right">{t('run.converted')}</Table.Th>
            <Table.Th ta="right">{t('run.rate')}</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {t('run.talk')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map((one) => (
            <Table.Tr key={one.version}>
              <Table.Td fw={one.number === comparison?.leader ? 600 : undefined}>
                {t(one.number === comparison?.leader ? 'run.leads' : 'run.versionNumber', {
                  number: one.number,
                })}
              </Table.Td>
              <Figure>{count(one.attempts)}</Figure>
              <Figure>{count(one.human)}</Figure>
              <Figure>{count(one.converted)}</Figure>
              <Figure>{share(one.conversion_rate)}</Figure>
              <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
                {duration(one.talk_ms)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  )
}

function Figure({ children }: { children: string }) {
  return (
    <Table.Td ta="right" className="tl-mono">
      {children}
    </Table.Td>
  )
}

export function SetAside({ progress }: { progress: Told }) {
  const { t } = useTranslation('campaigns')
  const word = useWord()
  const found = byCount(progress.set_asides)
  if (found.length === 0) return null
  return (
    <Stack gap="xs" component="section" aria-label={t('run.setAside')}>
      <Title order={2} size="h3">
        {t('run.setAside')}
      </Title>
      <List size="sm">
        {found.map(([why, n]) => (
          <List.Item key={why}>{t('reasonCount', { why: word('reason', why), shown: count(n) })}</List.Item>
        ))}
      </List>
    </Stack>
  )
}

const FILES = [
  ['results.csv', 'run.resultsCsv'],
  ['results.jsonl', 'run.resultsLines'],
] as const

export function ResultFiles({ campaign }: { campaign: string }) {
  const { t } = useTranslation('campaigns')
  const { tenant } = useTenant()
  return (
    <Stack gap="xs" component="section" aria-label={t('run.results')}>
      <Title order={2} size="h3">
        {t('run.results')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('run.resultsText')}
      </Text>
      <Group gap="xs">
        {FILES.map(([file, label]) => (
          <Button
            key={file}
            component="a"
            href={`/api/v1/campaigns/${campaign}/${file}?tenant=${tenant.id}`}
            download
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            {t(label)}
          </Button>
        ))}
      </Group>
    </Stack>
  )
}
