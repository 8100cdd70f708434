/** What each column of the file is, beside its first rows, and what the prompt would miss. */
import { Alert, Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconVariable } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { variablesOf } from '@/components/place/place'
import { useMapImport } from '../data'
import { type ContactImport, ROLES } from '../shared/types'
import { useSetupForm } from '../setup/form'
import { useAgentConfig } from '../agent/useAgentConfig'
import { Dialect } from './Dialect'
import { type ColumnChoice, choicesOf, mappingFaults, mappingOf, missingVariables } from './mapping'

interface MappingProps {
  campaign: string
  found: ContactImport
  onSent: () => void
}

const EXAMPLES = 3

export function Mapping({ campaign, found, onSent }: MappingProps) {
  return (
    <Stack gap="sm">
      <Dialect campaign={campaign} found={found} />
      {/* Looked at in another way, the file has other columns. */}
      <Columns key={JSON.stringify(found.columns)} campaign={campaign} found={found} onSent={onSent} />
    </Stack>
  )
}

function Columns({ campaign, found, onSent }: MappingProps) {
  const { t } = useTranslation('campaigns')
  const known = Object.keys(found.mapping).length > 0 ? found.mapping : found.suggested_mapping
  const [choices, setChoices] = useState(() => choicesOf(found.columns, known))
  const [problem, setProblem] = useState<string | null>(null)
  const send = useMapImport(campaign)
  const faults = mappingFaults(choices)
  const change = (i: number, part: Partial<ColumnChoice>) =>
    setChoices((all) => all.map((one, at) => (at === i ? { ...one, ...part } : one)))
  const read = () => {
    setProblem(null)
    send.mutate(
      { id: found.id, mapping: mappingOf(choices) },
      {
        onSuccess: onSent,
        onError: (error) => {
          const { errors, detail } = asProblem(error)
          setProblem(errors.map((fault) => fault.detail).join(' ') || detail)
        },
      },
    )
  }
  return (
    <Stack gap="sm">
      <Text size="sm">{t('mapping.text')}</Text>
      <Table highlightOnHover={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('mapping.column')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('mapping.examples')}</Table.Th>
            <Table.Th w={{ base: '62%', sm: 260 }}>{t('mapping.is')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {choices.map((choice, i) => (
            <ColumnRow
              // Two columns may have the same heading.
              key={`${i} ${choice.column}`}
              choice={choice}
              examples={found.preview.slice(0, EXAMPLES).map((row) => row[i] ?? '')}
              fault={faults[choice.column] && t(`mapping.fault.${faults[choice.column]!}`)}
              onChange={(part) => change(i, part)}
            />
          ))}
        </Table.Tbody>
      </Table>
      <Missing choices={choices} />
      <FormProblem text={problem} />
      <Group gap="xs">
        <Button loading={send.isPending} disabled={Object.keys(faults).length > 0} onClick={read}>
          {t('mapping.read')}
        </Button>
        {faults[''] && (
          <Text size="sm" c="var(--mantine-color-error)" role="status">
            {t('mapping.fault.number')}
          </Text>
        )}
      </Group>
    </Stack>
  )
}

interface ColumnRowProps {
  choice: ColumnChoice
  examples: string[]
  fault: string | undefined
  onChange: (part: Partial<ColumnChoice>) => void
}

function ColumnRow({ choice: { column, role, variable }, examples, fault, onChange }: ColumnRowProps) {
  const { t } = useTranslation('campaigns')
  const shown = examples.filter(Boolean).join(', ')
  return (
    <Table.Tr>
      <Table.Th scope="row" style={{ overflowWrap: 'anywhere', verticalAlign: 'top' }}>
        {column}
        <Text size="xs" c="dimmed" hiddenFrom="sm" lineClamp={2}>
          {shown}
        </Text>
      </Table.Th>
      <Table.Td visibleFrom="sm" maw={260} style={{ verticalAlign: 'top' }}>
        <Text size="sm" c="dimmed" lineClamp={2} className="tl-mono" style={{ overflowWrap: 'anywhere' }}>
          {shown}
        </Text>
      </Table.Td>
      <Table.Td style={{ verticalAlign: 'top' }}>
        <Stack gap={6}>
          <Select
            aria-label={t('mapping.isOf', { column })}
            allowDeselect={false}
            data={[
              { value: '', label: t('mapping.role.none') },
              ...ROLES.map((value) => ({ value: value as string, label: t(`mapping.role.${value}`) })),
              { value: 'variable', label: t('mapping.role.variable') },
            ]}
            value={role}
            onChange={(value) => onChange({ role: (value ?? '') as ColumnChoice['role'] })}
            error={role !== 'variable' && fault}
          />
          {role === 'variable' && (
            <TextInput
              aria-label={t('mapping.variableOf', { column })}
              leftSection={<IconVariable size={16} aria-hidden />}
              maxLength={64}
              value={variable}
              onChange={(event) => onChange({ variable: event.currentTarget.value })}
              error={fault}
            />
          )}
        </Stack>
      </Table.Td>
    </Table.Tr>
  )
}

/** Variables that the published prompt asks for and that no column fills. */
function Missing({ choices }: { choices: readonly ColumnChoice[] }) {
  const { t } = useTranslation('campaigns')
  const { agent, config } = useSetupForm().values
  const spoken = useAgentConfig(agent)
  const missing = missingVariables(variablesOf(spoken), choices, config.variables)
  if (!spoken) return null
  if (missing.length === 0)
    return (
      <Text size="sm" c="dimmed" role="status">
        {t('mapping.noneMissing')}
      </Text>
    )
  return (
    <Alert color="amber" icon={<IconVariable size={18} />} role="status">
      {t('mapping.missing', {
        count: missing.length,
        names: missing.map((name) => `{{${name}}}`).join(', '),
      })}
    </Alert>
  )
}
