/** A version beside another one, or beside the saved draft. */
import { Select, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '@/api/schema'
import { complete } from '../config/convert'
import type { AgentConfig } from '../config/types'
import { configOf } from '../editor/data'
import type { Draft } from '../editor/useDraft'
import { DiffView } from './DiffView'

type Version = components['schemas']['Version']

export function Compare({
  version,
  versions,
  draft,
}: {
  version: Version
  versions: Version[]
  draft: Draft
}) {
  const { t } = useTranslation('agents')
  const before = versions.find((other) => other.number < version.number)
  const [other, setOther] = useState(before ? String(before.number) : 'draft')
  const config = (of: Version) => complete(of.config as unknown as AgentConfig)
  const chosen = versions.find(({ number }) => String(number) === other)
  const theirs = chosen ? config(chosen) : complete(configOf(draft.stored.agent))
  const newer = !chosen || chosen.number > version.number
  const name = (number: number | undefined) => (number ? t('versionNumber', { number }) : t('draft'))
  return (
    <Stack>
      <Select
        label={t('compareWith')}
        allowDeselect={false}
        maw={280}
        value={other}
        onChange={(value) => setOther(value!)}
        data={[
          { value: 'draft', label: t('savedDraft') },
          ...versions
            .filter(({ number }) => number !== version.number)
            .map(({ number }) => ({ value: String(number), label: name(number) })),
        ]}
      />
      <DiffView
        before={newer ? config(version) : theirs}
        after={newer ? theirs : config(version)}
        beforeLabel={newer ? name(version.number) : name(chosen?.number)}
        afterLabel={newer ? name(chosen?.number) : name(version.number)}
      />
    </Stack>
  )
}
