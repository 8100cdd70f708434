/** Any two versions, or one and the saved draft, beside each other. */
import { Group, Select, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { Loaded } from '@/components/states'
import type { Change } from '../config/diff'
import { DiffView } from './DiffView'

const DRAFT = 'draft'

interface CompareProps {
  agent: string
  /** Numbers of the versions, the newest first. */
  versions: number[]
  /** Of the one that was asked for. */
  version: number
}

export function Compare({ agent, versions, version }: CompareProps) {
  const { t } = useTranslation('agents')
  const before = versions.find((number) => number < version)
  const [from, setFrom] = useState(String(before ?? version))
  const [to, setTo] = useState(before === undefined ? DRAFT : String(version))
  const query = $api.useQuery('get', '/api/v1/agents/{id}/versions/diff', {
    params: { path: { id: agent }, query: { from, to } },
  })
  const name = (side: string) => (side === DRAFT ? t('savedDraft') : t('versionNumber', { number: side }))
  const data = [DRAFT, ...versions.map(String)].map((value) => ({ value, label: name(value) }))
  return (
    <Stack>
      <Group grow maw={560}>
        <Select
          label={t('compareFrom')}
          allowDeselect={false}
          data={data}
          value={from}
          onChange={(value) => setFrom(value!)}
        />
        <Select
          label={t('compareTo')}
          allowDeselect={false}
          data={data}
          value={to}
          onChange={(value) => setTo(value!)}
        />
      </Group>
      <Loaded query={query}>
        {({ changes }) => (
          <DiffView changes={changes.map(asChange)} beforeLabel={name(from)} afterLabel={name(to)} />
        )}
      </Loaded>
    </Stack>
  )
}

interface ServerChange {
  path: string
  before: unknown
  after: unknown
  text: Change['text']
}

const asChange = ({ path, before, after, text }: ServerChange): Change => ({
  path,
  kind: before === null ? 'added' : after === null ? 'removed' : 'changed',
  before,
  after,
  text,
})
