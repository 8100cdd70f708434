/** The form of one tool, by its type. */
import {
  Divider,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useTranslation } from 'react-i18next'
import {
  type CollectDigits,
  type HttpForm,
  type McpForm,
  METHODS,
  SENDS,
  TOOL_LIMITS,
  type ToolForm,
} from '../config/tools'
import { useAgentForm } from '../editor/form'
import { Arguments } from './Arguments'
import { McpTools } from './McpTools'
import { PairRows } from './PairRows'
import { TryIt } from './TryIt'

interface FieldsProps<T extends ToolForm = ToolForm> {
  tool: T
  place: string
}

export function ToolFields({ tool, place }: FieldsProps) {
  return (
    <Stack gap="md">
      <Names place={place} />
      <ByType tool={tool} place={place} />
    </Stack>
  )
}

function ByType({ tool, place }: FieldsProps) {
  switch (tool.type) {
    case 'http':
      return <Http tool={tool} place={place} />
    case 'mcp':
      return <Mcp tool={tool} place={place} />
    case 'collect_digits':
      return <Collect tool={tool} place={place} />
    case 'transfer':
      return <Targets place={place} />
    case 'schedule_callback':
      return <Days place={place} />
    case 'send_sms':
      return <SmsText place={place} />
    case 'search_knowledge':
      return <KeptPassage place={`${place}.save_as`} />
    default:
      return null
  }
}

function Names({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <>
      <TextInput
        label={t('toolName')}
        description={t('toolNameHelp')}
        maw={320}
        maxLength={64}
        data-autofocus
        classNames={{ input: 'tl-mono' }}
        {...form.getInputProps(`${place}.name`)}
      />
      <Textarea
        label={t('toolDescription')}
        description={t('toolDescriptionHelp')}
        autosize
        minRows={2}
        maxLength={4000}
        {...form.getInputProps(`${place}.description`)}
      />
    </>
  )
}

function Http({ tool, place }: FieldsProps<HttpForm>) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <>
      <Group align="flex-start" gap="xs" wrap="nowrap">
        <Select
          label={t('method')}
          w={110}
          allowDeselect={false}
          data={[...METHODS]}
          {...form.getInputProps(`${place}.method`)}
        />
        <Address place={place} />
      </Group>
      <PairRows kind="headers" place={`${place}.headers`} rows={tool.headers} />
      <Arguments place={`${place}.parameters`} text={tool.parameters} />
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <Select
          label={t('send')}
          allowDeselect={false}
          data={SENDS.map((value) => ({ value, label: t(`sends.${value}`) }))}
          {...form.getInputProps(`${place}.send`)}
        />
        <Timeout place={place} />
      </Group>
      <PairRows kind="save" place={`${place}.save`} rows={tool.save} />
      <Divider />
      <TryIt tool={tool} />
    </>
  )
}

function Address({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <TextInput
      label={t('url')}
      description={t('urlHelp', { variable: '{{name}}', argument: '{name}' })}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      flex={1}
      maxLength={2000}
      classNames={{ input: 'tl-mono' }}
      {...form.getInputProps(`${place}.url`)}
    />
  )
}

function Timeout({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const [least, most] = TOOL_LIMITS.timeout
  return (
    <NumberInput
      label={t('toolTimeout')}
      description={`${t('toolTimeoutHelp')} ${t('range', { least, most })}`}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      suffix=" ms"
      step={500}
      {...form.getInputProps(`${place}.timeout_ms`)}
    />
  )
}

function Mcp({ tool, place }: FieldsProps<McpForm>) {
  return (
    <>
      <Address place={place} />
      <PairRows kind="headers" place={`${place}.headers`} rows={tool.headers} />
      <Timeout place={place} />
      <Divider />
      <McpTools tool={tool} place={`${place}.only`} />
    </>
  )
}

function Collect({ tool, place }: FieldsProps<CollectDigits>) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const [least, most] = TOOL_LIMITS.keysTimeout
  return (
    <>
      <Textarea
        label={t('collectPrompt')}
        description={t('collectPromptHelp')}
        autosize
        minRows={2}
        {...form.getInputProps(`${place}.prompt`)}
      />
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <NumberInput label={t('minDigits')} {...form.getInputProps(`${place}.min_digits`)} />
        <NumberInput label={t('maxDigits')} {...form.getInputProps(`${place}.max_digits`)} />
        <Terminator place={`${place}.terminator`} />
      </Group>
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <NumberInput
          label={t('keysTimeout')}
          description={t('range', { least, most })}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          suffix=" ms"
          step={1000}
          {...form.getInputProps(`${place}.timeout_ms`)}
        />
        <TextInput
          label={t('saveAs')}
          description={t('saveAsHelp', { slot: `{${tool.save_as}}` })}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          classNames={{ input: 'tl-mono' }}
          {...form.getInputProps(`${place}.save_as`)}
        />
      </Group>
      <Switch
        label={t('sensitive')}
        description={t('sensitiveHelp')}
        {...form.getInputProps(`${place}.sensitive`, { type: 'checkbox' })}
      />
    </>
  )
}

/** A select cannot hold the empty text that stands for no key. */
const NO_KEY = 'none'

export function Terminator({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { value, ...input } = form.getInputProps(place) as { value: string }
  return (
    <Select
      label={t('terminator')}
      allowDeselect={false}
      data={[
        { value: '#', label: t('terminators.hash') },
        { value: '*', label: t('terminators.star') },
        { value: NO_KEY, label: t('terminators.none') },
      ]}
      {...input}
      value={value || NO_KEY}
      onChange={(key) => form.setFieldValue(place, key === NO_KEY ? '' : (key ?? ''))}
    />
  )
}

function Targets({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const names = form.values.config.transfers.map(({ name }) => name).filter(Boolean)
  return (
    <MultiSelect
      label={t('targetsOnly')}
      description={t('targetsOnlyHelp')}
      data={[...new Set(names)]}
      clearable
      {...form.getInputProps(`${place}.targets`)}
    />
  )
}

function Days({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return <NumberInput label={t('longestDays')} maw={260} {...form.getInputProps(`${place}.longest_days`)} />
}

function KeptPassage({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { value, ...input } = form.getInputProps(place) as { value: string | null }
  return (
    <TextInput
      label={t('knowledgeSaveAs')}
      description={t('knowledgeSaveAsHelp', { slot: `{${value || 'passage'}}` })}
      maw={320}
      classNames={{ input: 'tl-mono' }}
      {...input}
      value={value ?? ''}
      onChange={(event) => form.setFieldValue(place, event.currentTarget.value || null)}
    />
  )
}

function SmsText({ place }: { place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Textarea
      label={t('smsText')}
      description={t('smsTextHelp', { variable: '{{name}}', slot: '{name}' })}
      autosize
      minRows={3}
      maxLength={1000}
      {...form.getInputProps(`${place}.text`)}
    />
  )
}
