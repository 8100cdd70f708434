/** Step 1: an agent from a template. Made once; after that it is changed here or in the editor. */
import { Anchor, Button, Group, Radio, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { FormProblem } from '@/components/forms'
import { Loaded } from '@/components/states'

type Template = components['schemas']['Template']
type Agent = components['schemas']['Agent']

interface Props {
  agent: Agent | null
  onDone: () => void
}

export function AgentStep({ agent, onDone }: Props) {
  const query = $api.useQuery('get', '/api/v1/agents/templates', {}, { staleTime: Infinity })
  if (agent) return <AgentForm agent={agent} onDone={onDone} />
  return (
    <Loaded query={query}>{({ results }) => <FromTemplate templates={results} onDone={onDone} />}</Loaded>
  )
}

const firstMessage = (config: Record<string, unknown>) => String(config.first_message ?? '')

function useValidated(initial: { name: string; first_message: string }) {
  const { t } = useTranslation('start')
  return useForm({
    initialValues: initial,
    validate: {
      name: (name) => (name.trim() ? null : t('required')),
      first_message: (text) => (text.length > 4000 ? t('tooLong') : null),
    },
  })
}

/** The server names the message inside the configuration. */
const PLACES = { 'config.first_message': 'first_message' }

function FromTemplate({ templates, onDone }: { templates: Template[]; onDone: () => void }) {
  const { t } = useTranslation('start')
  const [template, setTemplate] = useState(templates[0]!)
  const [problem, setProblem] = useState<string | null>(null)
  const form = useValidated({ name: template.name, first_message: firstMessage(template.config) })
  const create = useMutation({
    mutationFn: (values: typeof form.values) =>
      api.POST('/api/v1/agents', {
        body: {
          name: values.name.trim(),
          config: { ...template.config, first_message: values.first_message },
        },
      }),
    onSuccess: onDone,
    onError: (error) => setProblem(showProblem(form, error, PLACES)),
  })
  const choose = (key: string) => {
    const next = templates.find((other) => other.key === key)!
    // What was typed stays; what the old template said is replaced.
    const { name, first_message: said } = form.values
    form.setValues({
      name: name === template.name ? next.name : name,
      first_message: said === firstMessage(template.config) ? firstMessage(next.config) : said,
    })
    setTemplate(next)
  }
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => {
        setProblem(null)
        create.mutate(values)
      })}
    >
      <Stack>
        <Radio.Group label={t('template')} value={template.key} onChange={choose}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} mt="xs" spacing="sm">
            {templates.map(({ key, name, description }) => (
              <Radio key={key} value={key} label={name} description={description} />
            ))}
          </SimpleGrid>
        </Radio.Group>
        <Fields form={form} />
        <FormProblem text={problem} />
        <Group>
          <Button type="submit" loading={create.isPending}>
            {t('createAgent')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function AgentForm({ agent, onDone }: { agent: Agent; onDone: () => void }) {
  const { t } = useTranslation('start')
  const { path } = useTenant()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useValidated({ name: agent.name, first_message: firstMessage(agent.config) })
  const save = useMutation({
    mutationFn: async (values: typeof form.values) => {
      const { data } = await api.GET('/api/v1/agents/{id}', { params: { path: { id: agent.id } } })
      return api.PATCH('/api/v1/agents/{id}', {
        params: { path: { id: agent.id } },
        body: {
          name: values.name.trim(),
          config: { ...data!.config, first_message: values.first_message },
        },
      })
    },
    onSuccess: onDone,
    onError: (error) => setProblem(showProblem(form, error, PLACES)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => {
        setProblem(null)
        save.mutate(values)
      })}
    >
      <Stack>
        <Fields form={form} />
        <FormProblem text={problem} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('saveAgent')}
          </Button>
          <Anchor component={Link} to={path(`agents/${agent.id}`)} size="sm">
            {t('toEditor')}
          </Anchor>
        </Group>
      </Stack>
    </form>
  )
}

function Fields({ form }: { form: ReturnType<typeof useValidated> }) {
  const { t } = useTranslation('start')
  return (
    <>
      <TextInput label={t('name')} required maxLength={200} maw={420} {...form.getInputProps('name')} />
      <Textarea
        label={t('firstMessage')}
        autosize
        minRows={2}
        maxRows={6}
        {...form.getInputProps('first_message')}
      />
      <Text size="sm" c="dimmed">
        {t('variablesHint', { variable: '{{company}}' })}
      </Text>
    </>
  )
}
