/** Runs a tool now: what was sent, what came back, what was kept, how long it took. */
import {
  Badge,
  Button,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { May } from '@/api/session'
import { FormProblem } from '@/components/forms'
import { latency } from '@/components/format'
import { type Argument, readSchema, type Schema } from '../config/schema'
import type { HttpForm } from '../config/tools'
import { useAgentForm } from '../editor/form'
import classes from './tools.module.css'
import { argumentsOf, pretty, tryTool, type Tried, type Typed } from './trying'

export function TryIt({ tool }: { tool: HttpForm }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { id = '' } = useParams({ strict: false })
  const { variables, secrets } = form.values.config
  const [given, setGiven] = useState<Typed>({})
  const [values, setValues] = useState<Record<string, string>>({})
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [tried, setTried] = useState<Tried | null>(null)
  const schema = readSchema(tool.parameters)
  const run = async () => {
    const { args, bad } = readArguments(schema, given)
    setProblem(null)
    setTried(null)
    if (bad !== undefined) return setProblem(t('tryBadJson', { name: bad || t('arguments') }))
    const known = Object.fromEntries(variables.map(({ name, value }) => [name, values[name] ?? value]))
    setBusy(true)
    await tryTool({ agent: id, tool, secrets, args, variables: known })
      .then(setTried)
      .catch((error: unknown) => {
        const { errors, detail } = asProblem(error)
        setProblem(errors.map((fault) => `${fault.field}: ${fault.detail}`).join(' ') || detail)
      })
    setBusy(false)
  }
  return (
    <May permission="agents.write">
      <Stack gap="sm" component="section" aria-label={t('tryIt')}>
        <div>
          <Title order={3}>{t('tryIt')}</Title>
          <Text size="sm" c="dimmed">
            {t('tryItHelp')}
          </Text>
        </div>
        <ArgumentFields schema={schema} given={given} onChange={setGiven} />
        {variables.length > 0 && (
          <Fields title={t('tryVariables')}>
            {variables.map(({ name, value }) => (
              <TextInput
                key={name}
                label={name}
                classNames={{ label: 'tl-mono' }}
                value={values[name] ?? value}
                onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
              />
            ))}
          </Fields>
        )}
        <Group>
          <Button
            loading={busy}
            variant="light"
            leftSection={<IconPlayerPlay size={16} />}
            onClick={() => void run()}
          >
            {t(tried ? 'tryAgain' : 'tryRun')}
          </Button>
        </Group>
        <FormProblem text={problem} />
        <div aria-live="polite">{tried && <Outcome tried={tried} />}</div>
      </Stack>
    </May>
  )
}

/** All arguments in one box stand under this name: no argument is called so. */
const ALL = ''

function readArguments(schema: Schema | null, given: Typed) {
  return schema
    ? argumentsOf(schema, given)
    : argumentsOf({ args: [{ ...WHOLE }], rest: {} }, { [ALL]: given[ALL] ?? '{}' }).bad === undefined
      ? { args: JSON.parse(given[ALL] || '{}') as Record<string, unknown>, bad: undefined }
      : { args: {}, bad: ALL }
}

const WHOLE: Argument = { name: ALL, type: 'object', description: '', required: false, choices: [], rest: {} }

function Fields({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="xs" role="group" aria-label={title}>
      <Text size="sm" fw={500}>
        {title}
      </Text>
      {children}
    </Stack>
  )
}

interface ArgumentsProps {
  schema: Schema | null
  given: Typed
  onChange: (given: Typed) => void
}

function ArgumentFields({ schema, given, onChange }: ArgumentsProps) {
  const { t } = useTranslation('agents')
  const set = (name: string) => (value: string) => onChange({ ...given, [name]: value })
  if (!schema)
    return (
      <Textarea
        label={t('tryArgumentsJson')}
        autosize
        minRows={3}
        classNames={{ input: 'tl-mono' }}
        value={given[ALL] ?? '{}'}
        onChange={(event) => set(ALL)(event.currentTarget.value)}
      />
    )
  const named = schema.args.filter(({ name }) => name)
  if (named.length === 0) return null
  return (
    <Fields title={t('tryArguments')}>
      {named.map((argument) => (
        <ArgumentField
          key={argument.name}
          argument={argument}
          value={given[argument.name] ?? ''}
          onChange={set(argument.name)}
        />
      ))}
    </Fields>
  )
}

function ArgumentField({
  argument: { name, type, description, required, choices },
  value,
  onChange,
}: {
  argument: Argument
  value: string
  onChange: (value: string) => void
}) {
  const { t } = useTranslation('agents')
  const shared = {
    label: name,
    description: description || undefined,
    withAsterisk: required,
    classNames: { label: 'tl-mono' },
  }
  const fixed = type === 'boolean' ? ['true', 'false'] : choices
  if (fixed.length > 0)
    return (
      <Select
        {...shared}
        data={fixed}
        placeholder={t('tryUnset')}
        clearable
        value={value || null}
        onChange={(next) => onChange(next ?? '')}
      />
    )
  if (type === 'number' || type === 'integer')
    return (
      <NumberInput
        {...shared}
        decimalScale={type === 'integer' ? 0 : undefined}
        value={value}
        onChange={(next) => onChange(String(next))}
      />
    )
  if (type === 'string')
    return <TextInput {...shared} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
  return (
    <Textarea
      {...shared}
      autosize
      placeholder={type === 'array' ? '[]' : '{}'}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

function Outcome({ tried }: { tried: Tried }) {
  const { t } = useTranslation('agents')
  const { ok, status, took_ms, request, result, saved, trouble } = tried
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Badge color={ok ? 'petrol' : 'red'}>{t(ok ? 'tryWorked' : 'tryFailed')}</Badge>
        {status !== null && (
          <Text span size="sm" className="tl-mono">
            {t('tryStatus', { status })}
          </Text>
        )}
        <Text span size="sm" c="dimmed">
          {t('tryTook', { time: latency(took_ms) })}
        </Text>
      </Group>
      <FormProblem text={trouble || null} />
      <div className={classes.exchange}>
        {request && (
          <Side title={t('tryRequest')}>
            <pre className={classes.code}>{`${request.method} ${request.url}`}</pre>
            <PairList pairs={request.headers} />
            {request.body && <pre className={classes.code}>{pretty(request.body)}</pre>}
          </Side>
        )}
        <Side title={t('tryAnswer')}>
          <pre className={classes.code}>{result ? pretty(result) : t('tryNothing')}</pre>
        </Side>
        {Object.keys(saved).length > 0 && (
          <Side title={t('trySaved')}>
            <PairList pairs={saved} />
          </Side>
        )}
      </div>
    </Stack>
  )
}

function Side({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.exchangePart}>
      <Text size="xs" c="dimmed" fw={600} mb={4}>
        {title}
      </Text>
      <Stack gap={6}>{children}</Stack>
    </div>
  )
}

function PairList({ pairs }: { pairs: Record<string, string> }) {
  return (
    <dl className={classes.pairs}>
      {Object.entries(pairs).map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt className="tl-mono">{name}</dt>
          <dd className="tl-mono">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
