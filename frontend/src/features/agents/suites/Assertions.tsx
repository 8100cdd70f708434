/** What must be true of a conversation: each assertion by a small form of its kind. */
import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  Menu,
  NumberInput,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useAgentForm } from '../editor/form'
import { ASSERTION_KINDS, emptyAssertion } from './cases'
import { useSuiteForm } from './form'
import { ModelChoice } from './ModelChoice'
import { type Assertion, MATCHES, type Match } from './types'
import classes from './suites.module.css'

export function Assertions({ index }: { index: number }) {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  const place = `cases.${index}.assertions`
  const { assertions } = form.values.cases[index]!
  return (
    <Stack gap="xs" component="section" aria-label={t('suites.assertions')}>
      <Text component="h2" fw={600} m={0}>
        {t('suites.assertions')}
      </Text>
      {assertions.map((assertion, i) => (
        <div
          key={i}
          className={classes.assertion}
          role="group"
          aria-label={t('suites.assertion', { number: i + 1 })}
        >
          <Group justify="space-between" wrap="nowrap" mb={6}>
            <Text size="sm" fw={500}>
              {t(`suites.kinds.${assertion.kind}`)}
            </Text>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="md"
              aria-label={t('suites.removeAssertion', { number: i + 1 })}
              onClick={() => form.removeListItem(place, i)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
          <Fields
            assertion={assertion}
            place={`${place}.${i}`}
            number={i + 1}
            set={(change) => form.setFieldValue(`${place}.${i}`, { ...assertion, ...change } as Assertion)}
          />
        </div>
      ))}
      {form.errors[place] && (
        <Text size="sm" c="var(--mantine-color-error)">
          {form.errors[place]}
        </Text>
      )}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            style={{ alignSelf: 'flex-start' }}
            leftSection={<IconPlus size={14} />}
          >
            {t('suites.addAssertion')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ASSERTION_KINDS.map((kind) => (
            <Menu.Item
              key={kind}
              onClick={() => {
                form.clearFieldError(place)
                form.insertListItem(place, emptyAssertion(kind))
              }}
            >
              {t(`suites.kinds.${kind}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Stack>
  )
}

interface FieldsProps<A extends Assertion = Assertion> {
  assertion: A
  place: string
  number: number
  set: (change: object) => void
}

function Fields({ assertion, ...rest }: FieldsProps) {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  const config = useAgentForm().values.config
  const tools = config.tools.map(({ name }) => name).filter(Boolean)
  const input = (key: string) => form.getInputProps(`${rest.place}.${key}`)
  switch (assertion.kind) {
    case 'said':
    case 'never_said':
      return <Words assertion={assertion} {...rest} />
    case 'tool_called':
      return <ToolCalled assertion={assertion} tools={tools} {...rest} />
    case 'tool_not_called':
      return <Autocomplete label={t('suites.toolName')} data={tools} {...input('tool')} />
    case 'slot':
      return (
        <Group grow align="flex-start">
          <TextInput label={t('suites.slotName')} classNames={{ input: 'tl-mono' }} {...input('name')} />
          <Select label={t('suites.match')} allowDeselect={false} data={matchOptions(t)} {...input('is')} />
          {assertion.is !== 'set' && <TextInput label={t('suites.value')} {...input('value')} />}
        </Group>
      )
    case 'outcome':
      return <TextInput label={t('suites.outcome')} {...input('value')} />
    case 'transferred':
      return (
        <Autocomplete
          label={t('suites.target')}
          placeholder={t('suites.anyTarget')}
          data={config.transfers.map(({ name }) => name).filter(Boolean)}
          {...input('target')}
          value={assertion.target ?? ''}
          onChange={(target) => rest.set({ target: target || null })}
        />
      )
    case 'ended_by':
      return (
        <Select
          aria-label={t('suites.kinds.ended_by')}
          allowDeselect={false}
          data={(['agent', 'caller', 'nobody'] as const).map((value) => ({
            value,
            label: t(`suites.endedBy.${value}`),
          }))}
          {...input('by')}
        />
      )
    case 'latency_under':
      return (
        <NumberInput
          label={t('suites.ms')}
          description={t('suites.msHelp')}
          min={1}
          max={60_000}
          {...input('ms')}
        />
      )
    case 'max_turns':
      return <NumberInput label={t('suites.turns')} min={1} max={200} {...input('turns')} />
    case 'judged':
      return (
        <Stack gap="xs">
          <Textarea label={t('suites.question')} autosize {...input('question')} />
          <Group align="flex-start">
            <Select
              w={150}
              label={t('suites.expect')}
              allowDeselect={false}
              data={(['yes', 'no'] as const).map((value) => ({ value, label: t(`suites.${value}`) }))}
              {...input('expect')}
            />
            <ModelChoice
              value={assertion.model}
              error={form.errors[`${rest.place}.model`] ?? form.errors[`${rest.place}.model.model`]}
              onChange={(model) => rest.set({ model })}
            />
          </Group>
        </Stack>
      )
  }
}

type T = ReturnType<typeof useTranslation<'agents'>>['t']
const matchOptions = (t: T) => MATCHES.map((value) => ({ value, label: t(`suites.matches.${value}`) }))

function Words({
  assertion,
  place,
  number,
  set,
}: FieldsProps<Extract<Assertion, { kind: 'said' | 'never_said' }>>) {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  const pattern = assertion.pattern !== null
  const words = assertion.pattern ?? assertion.text ?? ''
  return (
    <Group align="flex-start" gap="xs" wrap="nowrap">
      <Select
        w={150}
        aria-label={t('suites.wordsKind', { number })}
        allowDeselect={false}
        data={[
          { value: 'text', label: t('suites.plain') },
          { value: 'pattern', label: t('suites.pattern') },
        ]}
        value={pattern ? 'pattern' : 'text'}
        onChange={(kind) =>
          set(kind === 'pattern' ? { text: null, pattern: words } : { text: words, pattern: null })
        }
      />
      <TextInput
        flex={1}
        aria-label={t('suites.words')}
        classNames={pattern ? { input: 'tl-mono' } : undefined}
        {...form.getInputProps(`${place}.${pattern ? 'pattern' : 'text'}`)}
        value={words}
      />
    </Group>
  )
}

type Called = Extract<Assertion, { kind: 'tool_called' }>

function ToolCalled({ assertion, place, tools, set }: FieldsProps<Called> & { tools: string[] }) {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  const rows = Object.entries(assertion.arguments)
  const put = (next: [string, Match][]) => set({ arguments: Object.fromEntries(next) })
  const change = (at: number, row: [string, Match]) => put(rows.map((old, i) => (i === at ? row : old)))
  return (
    <Stack gap="xs">
      <Group align="flex-start" grow>
        <Autocomplete label={t('suites.toolName')} data={tools} {...form.getInputProps(`${place}.tool`)} />
        <NumberInput
          label={t('suites.times')}
          description={t('suites.timesHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          min={1}
          max={50}
          {...form.getInputProps(`${place}.times`)}
          value={assertion.times ?? ''}
          onChange={(times) => set({ times: times === '' ? null : times })}
        />
      </Group>
      {rows.map(([name, match], i) => (
        <Group key={i} gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            flex={1}
            classNames={{ input: 'tl-mono' }}
            aria-label={t('suites.argumentName', { number: i + 1 })}
            value={name}
            onChange={(event) => change(i, [event.currentTarget.value, match])}
          />
          <Select
            flex={1}
            aria-label={t('suites.argumentMatch', { number: i + 1 })}
            allowDeselect={false}
            data={matchOptions(t)}
            value={match.is}
            onChange={(is) => change(i, [name, { ...match, is: is as Match['is'] }])}
          />
          {match.is !== 'set' && (
            <TextInput
              flex={1}
              aria-label={t('suites.argumentValue', { number: i + 1 })}
              value={match.value}
              error={form.errors[`${place}.arguments.${name}.value`]}
              onChange={(event) => change(i, [name, { ...match, value: event.currentTarget.value }])}
            />
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('suites.removeArgument', { name })}
            onClick={() => put(rows.filter((_, at) => at !== i))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        style={{ alignSelf: 'flex-start' }}
        leftSection={<IconPlus size={14} />}
        disabled={'' in assertion.arguments}
        onClick={() => put([...rows, ['', { is: 'equal', value: '' }]])}
      >
        {t('suites.addArgument')}
      </Button>
    </Stack>
  )
}
