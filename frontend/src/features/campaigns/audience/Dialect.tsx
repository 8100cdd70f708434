/** Encoding and delimiter of a file, as they were found or as a person knows better. */
import { Group, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import type { ContactImport } from '../shared/types'
import { DELIMITERS, encodingsWith, useLookAgain } from './dialects'

export function Dialect({ campaign, found }: { campaign: string; found: ContactImport }) {
  const { t } = useTranslation('campaigns')
  const look = useLookAgain(campaign, found.id)
  const { encoding, delimiter } = { ...found, ...(look.isPending ? look.variables : {}) }
  const fault = look.error && asProblem(look.error)
  return (
    <>
      <Group gap="sm" align="flex-start">
        <Select
          label={t('dialect.encoding')}
          allowDeselect={false}
          searchable
          disabled={look.isPending}
          flex="2 1 220px"
          data={encodingsWith(found.encoding)}
          value={encoding}
          onChange={(value) => value && value !== found.encoding && look.mutate({ encoding: value })}
        />
        <Select
          label={t('dialect.delimiter')}
          allowDeselect={false}
          disabled={look.isPending}
          flex="1 1 150px"
          data={DELIMITERS.map(([value, name]) => ({ value, label: t(`dialect.${name}`) }))}
          value={delimiter}
          onChange={(value) => value && value !== found.delimiter && look.mutate({ delimiter: value })}
        />
      </Group>
      <FormProblem text={fault && (fault.errors.map(({ detail }) => detail).join(' ') || fault.detail)} />
    </>
  )
}
