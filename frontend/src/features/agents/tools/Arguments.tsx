/** What the model has to give: a table, and the JSON schema itself. Both show the same. */
import {
  ActionIcon,
  Alert,
  Button,
  Checkbox,
  Group,
  Input,
  SegmentedControl,
  Select,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type Argument,
  ARGUMENT_TYPES,
  emptyArgument,
  problemOfSchema,
  readSchema,
  type Schema,
  writeSchema,
} from '../config/schema'
import { useAgentForm } from '../editor/form'
import classes from './tools.module.css'

type View = 'table' | 'json'

export function Arguments({ place, text }: { place: string; text: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const [view, setView] = useState<View>(readSchema(text) ? 'table' : 'json')
  const { error } = form.getInputProps(place) as { error?: string }
  return (
    <Input.Wrapper label={t('arguments')} labelElement="div" error={view === 'table' && error}>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="xs" c="dimmed">
          {t('argumentsHelp')}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={t('argumentsView')}
          value={view}
          onChange={(value) => setView(value as View)}
          data={[
            { value: 'table', label: t('argumentsTable') },
            { value: 'json', label: t('argumentsJson') },
          ]}
        />
      </Group>
      {view === 'table' ? (
        <Table text={text} onChange={(next) => form.setFieldValue(place, next)} />
      ) : (
        <Textarea
          aria-label={t('argumentsJson')}
          autosize
          minRows={4}
          maxRows={24}
          spellCheck={false}
          classNames={{ input: 'tl-mono' }}
          {...form.getInputProps(place)}
        />
      )}
    </Input.Wrapper>
  )
}

/** Rows that are half typed (no name yet) stand only here: a schema has no place for them. */
function Table({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useTranslation('agents')
  const [schema, setSchema] = useState(() => readSchema(text))
  const [known, setKnown] = useState(text)
  if (text !== known) {
    setKnown(text)
    setSchema(readSchema(text))
  }
  if (!schema)
    return (
      <Alert color="gray">{t(problemOfSchema(text) ? 'argumentsUnreadable' : 'argumentsOnlyJson')}</Alert>
    )
  const set = (args: Argument[]) => {
    const next: Schema = { ...schema, args }
    const written = writeSchema(next)
    setSchema(next)
    setKnown(written)
    onChange(written)
  }
  return (
    <>
      {schema.args.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('argumentsNone')}
        </Text>
      )}
      {schema.args.map((argument, i) => (
        <Row
          key={i}
          argument={argument}
          number={i + 1}
          twice={schema.args.some((other, j) => j < i && !!other.name && other.name === argument.name)}
          onChange={(change) => set(schema.args.map((one, j) => (j === i ? { ...one, ...change } : one)))}
          onRemove={() => set(schema.args.filter((_, j) => j !== i))}
        />
      ))}
      <Button
        variant="default"
        size="xs"
        mt="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() => set([...schema.args, emptyArgument()])}
      >
        {t('addArgument')}
      </Button>
    </>
  )
}

interface RowProps {
  argument: Argument
  number: number
  twice: boolean
  onChange: (change: Partial<Argument>) => void
  onRemove: () => void
}

function Row({ argument, number, twice, onChange, onRemove }: RowProps) {
  const { t } = useTranslation('agents')
  const { name, type, description, required, choices } = argument
  const missing = !name.trim() && (description !== '' || choices.length > 0)
  return (
    <div className={classes.argument} role="group" aria-label={t('argumentOf', { number })}>
      <TextInput
        aria-label={t('argumentName')}
        placeholder={t('argumentName')}
        classNames={{ input: 'tl-mono' }}
        value={name}
        error={twice ? t('fault.twice') : missing ? t('fault.required') : undefined}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      {/* A select is two elements: each of ours is one cell. */}
      <div>
        <Select
          aria-label={t('argumentType')}
          allowDeselect={false}
          data={ARGUMENT_TYPES.map((value) => ({ value, label: t(`argumentTypes.${value}`) }))}
          value={type}
          onChange={(value) => onChange({ type: (value ?? 'string') as Argument['type'] })}
        />
      </div>
      <TextInput
        aria-label={t('argumentDescription')}
        placeholder={t('argumentDescription')}
        value={description}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <div className={classes.needed}>
        <Checkbox
          label={t('argumentRequired')}
          checked={required}
          onChange={(event) => onChange({ required: event.currentTarget.checked })}
        />
      </div>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t('removeArgument', { name: name || number })}
        onClick={onRemove}
      >
        <IconTrash size={17} />
      </ActionIcon>
      {(type === 'string' || type === 'number' || type === 'integer') && (
        <div>
          <TagsInput
            size="xs"
            aria-label={t('argumentChoices')}
            leftSection={
              <Text size="xs" c="dimmed">
                {t('argumentChoices')}
              </Text>
            }
            leftSectionWidth={116}
            placeholder={choices.length === 0 ? t('argumentChoicesHint') : undefined}
            value={choices}
            onChange={(next) => onChange({ choices: next })}
          />
        </div>
      )}
    </div>
  )
}
