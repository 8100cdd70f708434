/** The fields of each kind of node. */
import {
  Autocomplete,
  Group,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { VALUE_TYPES, WAYS_OF_ANSWERING, type Node } from '@/components/flow/types'
import { Lines } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { BranchList } from './BranchList'
import { nodeOptions } from './options'
import { Pairs } from './Pairs'
import { type FlowEdit, type NodeField, useNodeField } from './useFlow'

interface FieldsProps {
  edit: FlowEdit
  name: string
  field: NodeField
}

export function NodeFields({ edit, name, node }: { edit: FlowEdit; name: string; node: Node }) {
  const field = useNodeField(edit, name)
  const props = { edit, name, field }
  switch (node.kind) {
    case 'prompt':
      return <PromptFields {...props} />
    case 'say':
      return <Spoken field={field} of="text" label="says" required />
    case 'collect':
      return <CollectFields {...props} />
    case 'listen':
      return <ListenFields {...props} />
    case 'tool':
      return <ToolFields {...props} />
    case 'transfer':
      return <TransferFields {...props} />
    case 'hand_over':
      return <HandOverFields field={field} />
    case 'end':
      return <EndFields field={field} />
    case 'condition':
      return null
  }
}

interface SpokenProps {
  field: NodeField
  of: string
  label: 'says' | 'asks' | 'again' | 'sayFirst' | 'lastWords' | 'prompt'
  required?: boolean
  rows?: number
}

/** A text that is spoken, or what a model is told. */
function Spoken({ field, of, label, required, rows = 2 }: SpokenProps) {
  const { t } = useTranslation('agents')
  const { set, ...input } = field<string>(of)
  return (
    <Textarea
      label={t(`flow.${label}`)}
      description={t(`flow.${label}Help`, { variable: '{{name}}' })}
      required={required}
      autosize
      minRows={rows}
      maxRows={14}
      {...input}
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}

function NodeSelect({ edit, name, field, of, label }: FieldsProps & { of: string; label: string }) {
  const { t } = useTranslation('agents')
  const { set, ...input } = field<string | null>(of)
  return (
    <Select
      label={label}
      placeholder={t('endsCall')}
      clearable
      data={nodeOptions(edit.flow, name)}
      {...input}
      onChange={set}
    />
  )
}

/** The name under which a value is kept. */
function SaveAs({ field, required }: { field: NodeField; required?: boolean }) {
  const { t } = useTranslation('agents')
  const { set, ...input } = field<string | null>('save_as')
  return (
    <TextInput
      label={t('flow.saveAs')}
      description={t('flow.saveAsHelp', { slot: '{name}' })}
      required={required}
      classNames={{ input: 'tl-mono' }}
      {...input}
      value={input.value ?? ''}
      onChange={(event) => set(event.currentTarget.value || (required ? '' : null))}
    />
  )
}

function Counted({
  field,
  of,
  least,
  most,
}: {
  field: NodeField
  of: CountKey
  least: number
  most: number
}) {
  const { t } = useTranslation('agents')
  const { set, ...input } = field<number>(of)
  return (
    <NumberInput
      label={t(`flow.${of}`)}
      min={least}
      max={most}
      clampBehavior="none"
      {...input}
      onChange={set}
    />
  )
}
type CountKey = 'min_digits' | 'max_digits' | 'attempts' | 'otherwise_limit'

function PromptFields({ field }: FieldsProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { set, ...tools } = field<string[] | null>('tools')
  const names = form.values.config.tools.map((tool) => tool.name).filter(Boolean)
  return (
    <Stack gap="sm">
      <Spoken field={field} of="prompt" label="prompt" required rows={4} />
      <Spoken field={field} of="say" label="sayFirst" />
      <Switch
        label={t('flow.allTools')}
        checked={tools.value === null}
        disabled={tools.readOnly}
        onChange={(event) => set(event.currentTarget.checked ? null : names)}
      />
      {tools.value !== null && (
        <TagsInput
          label={t('flow.tools')}
          description={t('flow.toolsHelp')}
          data={names}
          {...tools}
          value={tools.value}
          onChange={set}
        />
      )}
    </Stack>
  )
}

function CollectFields(props: FieldsProps) {
  const { t } = useTranslation('agents')
  const { field } = props
  const type = field<(typeof VALUE_TYPES)[number]>('type')
  const by = field<(typeof WAYS_OF_ANSWERING)[number]>('by')
  const choices = field<string[]>('choices')
  const terminator = field<string>('terminator')
  const sensitive = field<boolean>('sensitive')
  const byKeys = by.value !== 'voice' && (type.value === 'digits' || type.value === 'number')
  return (
    <Stack gap="sm">
      <Spoken field={field} of="ask" label="asks" required />
      <SaveAs field={field} required />
      <Group grow align="flex-start">
        <Select
          label={t('flow.type')}
          allowDeselect={false}
          data={VALUE_TYPES.map((value) => ({ value, label: t(`flow.types.${value}`) }))}
          value={type.value}
          readOnly={type.readOnly}
          onChange={type.set}
        />
        <Select
          label={t('flow.by')}
          allowDeselect={false}
          data={WAYS_OF_ANSWERING.map((value) => ({ value, label: t(`flow.answers.${value}`) }))}
          value={by.value}
          readOnly={by.readOnly}
          error={by.error}
          onChange={by.set}
        />
      </Group>
      {type.value === 'choice' && (
        <Lines
          label={t('choices')}
          description={t('oneALine')}
          value={choices.value}
          error={choices.error}
          data-path={choices['data-path']}
          onChange={choices.set}
        />
      )}
      {byKeys && (
        <Group grow align="flex-start">
          <Counted field={field} of="min_digits" least={1} most={40} />
          <Counted field={field} of="max_digits" least={1} most={40} />
          <Select
            label={t('flow.terminator')}
            placeholder={t('none')}
            clearable
            data={['#', '*']}
            value={terminator.value || null}
            onChange={(key) => terminator.set(key ?? '')}
          />
        </Group>
      )}
      <Switch
        label={t('flow.sensitive')}
        description={t('flow.sensitiveHelp')}
        checked={sensitive.value}
        disabled={sensitive.readOnly}
        onChange={(event) => sensitive.set(event.currentTarget.checked)}
      />
      <Spoken field={field} of="again" label="again" rows={1} />
      <Group grow align="flex-start">
        <Counted field={field} of="attempts" least={1} most={10} />
        <NodeSelect {...props} of="otherwise_goto" label={t('flow.inVain')} />
      </Group>
    </Stack>
  )
}

function ListenFields(props: FieldsProps) {
  const { t } = useTranslation('agents')
  const { field } = props
  return (
    <Stack gap="sm">
      <Spoken field={field} of="say" label="sayFirst" />
      <BranchList {...props} />
      <Spoken field={field} of="otherwise" label="again" rows={1} />
      <Group grow align="flex-start">
        <Counted field={field} of="otherwise_limit" least={1} most={20} />
        <NodeSelect {...props} of="otherwise_goto" label={t('flow.inVain')} />
      </Group>
    </Stack>
  )
}

function ToolFields(props: FieldsProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { field, name } = props
  const { set, ...tool } = field<string>('tool')
  const args = field<Record<string, string>>('arguments')
  return (
    <Stack gap="sm">
      <Autocomplete
        label={t('flow.tool')}
        description={t('flow.toolHelp')}
        required
        classNames={{ input: 'tl-mono' }}
        data={form.values.config.tools.map((one) => one.name).filter(Boolean)}
        {...tool}
        onChange={set}
      />
      <Pairs
        key={name}
        label={t('flow.arguments')}
        description={t('flow.argumentsHelp', { slot: '{slot}', variable: '{{variable}}' })}
        value={args.value}
        readOnly={args.readOnly}
        onChange={args.set}
        add={t('flow.addArgument')}
      />
      <SaveAs field={field} />
      <NodeSelect {...props} of="failed_goto" label={t('flow.failedGoto')} />
    </Stack>
  )
}

function TransferFields(props: FieldsProps) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { set, ...target } = props.field<string>('target')
  return (
    <Stack gap="sm">
      <Autocomplete
        label={t('flow.target')}
        description={t('flow.targetHelp')}
        required
        classNames={{ input: 'tl-mono' }}
        data={form.values.config.transfers.map((one) => one.name).filter(Boolean)}
        {...target}
        onChange={set}
      />
      <NodeSelect {...props} of="failed_goto" label={t('flow.nobodyGoto')} />
    </Stack>
  )
}

function HandOverFields({ field }: { field: NodeField }) {
  const { t } = useTranslation('agents')
  const { set, ...agent } = field<string>('agent')
  const agents = $api.useQuery('get', '/api/v1/agents', { params: { query: { limit: 200 } } })
  return (
    <Select
      label={t('flow.agent')}
      description={t('flow.agentHelp')}
      required
      searchable
      data={agents.data?.results.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      {...agent}
      value={agent.value || null}
      onChange={(id) => set(id ?? '')}
    />
  )
}

function EndFields({ field }: { field: NodeField }) {
  const { t } = useTranslation('agents')
  const { set, ...outcome } = field<string>('outcome')
  return (
    <Stack gap="sm">
      <Spoken field={field} of="say" label="lastWords" />
      <TextInput
        label={t('flow.outcome')}
        description={t('flow.outcomeHelp')}
        maxLength={80}
        {...outcome}
        onChange={(event) => set(event.currentTarget.value)}
      />
    </Stack>
  )
}
