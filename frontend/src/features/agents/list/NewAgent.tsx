/** A new agent: from a template, or empty. */
import { Modal, Radio, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { FormButtons, FormProblem } from '@/components/forms'
import { emptyConfig } from '../config/defaults'

const EMPTY = 'empty'

export function NewAgent({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('agents')
  return (
    <Modal opened={opened} onClose={onClose} title={t('newTitle')} size="lg">
      <NewAgentForm onClose={onClose} />
    </Modal>
  )
}

function NewAgentForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const { path } = useTenant()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const templates = $api.useQuery('get', '/api/v1/agents/templates', {}, { staleTime: Infinity })
  const known = templates.data?.results ?? []
  const form = useForm({
    initialValues: { name: '', template: '' },
    validate: { name: (name) => (name.trim() ? null : t('fault.required')) },
  })
  const chosen = form.values.template || known[0]?.key || EMPTY
  const create = useMutation({
    mutationFn: async (name: string) => {
      const config = known.find(({ key }) => key === chosen)?.config ?? emptyConfig()
      const body = { name, config: config as unknown as Record<string, unknown> }
      return (await api.POST('/api/v1/agents', { body })).data!
    },
    onSuccess: (agent) => {
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents'] })
      void navigate({ to: path(`agents/${agent.id}`) })
    },
    onError: (error) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name }) => {
        setProblem(null)
        create.mutate(name.trim())
      })}
    >
      <Stack>
        <TextInput
          label={t('name')}
          required
          data-autofocus
          maxLength={200}
          {...form.getInputProps('name')}
        />
        <Radio.Group
          label={t('beginWith')}
          value={chosen}
          onChange={(value) => form.setFieldValue('template', value)}
        >
          <Stack gap="sm" mt="xs">
            {known.map(({ key, name, description }) => (
              <Radio key={key} value={key} label={name} description={description} />
            ))}
            <Radio value={EMPTY} label={t('emptyAgent')} description={t('emptyAgentHelp')} />
          </Stack>
        </Radio.Group>
        <FormProblem text={problem} />
        <FormButtons
          label={t('create')}
          busy={create.isPending}
          cancel={{ label: common('cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
