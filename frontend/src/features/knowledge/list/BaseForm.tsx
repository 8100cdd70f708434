/** What a knowledge base is called, and by what it is searched. */
import { PasswordInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { FormButtons, FormProblem } from '@/components/forms'
import { useVendorName } from '@/components/vendors/offer'
import type { Base, EmbeddingVendor } from '../data'

type Input = components['schemas']['KnowledgeBaseInputRequest']

const VENDORS: EmbeddingVendor[] = ['openai', 'google', 'mistral', 'azure', 'together', 'openai_compatible']
const NONE = 'none'

interface Values {
  name: string
  description: string
  embedding: { vendor: EmbeddingVendor | typeof NONE; model: string; base_url: string; api_key: string }
}

interface BaseFormProps {
  base?: Base
  label: string
  onCancel: () => void
  onSave: (input: Input) => Promise<unknown>
}

export function BaseForm({ base, label, onCancel, onSave }: BaseFormProps) {
  const { t } = useTranslation('knowledge')
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<Values>({
    initialValues: {
      name: base?.name ?? '',
      description: base?.description ?? '',
      embedding: {
        vendor: base?.embedding?.vendor ?? NONE,
        model: base?.embedding?.model ?? '',
        base_url: base?.embedding?.base_url ?? '',
        api_key: '',
      },
    },
    validate: {
      name: (name) => (name.trim() ? null : t('nameNeeded')),
      embedding: {
        model: (model, { embedding }) =>
          embedding.vendor !== NONE && !model.trim() ? t('embeddingModelNeeded') : null,
        base_url: (url, { embedding }) =>
          embedding.vendor === 'openai_compatible' && !/^https?:\/\/\S+/.test(url.trim())
            ? t('baseUrlNeeded')
            : null,
      },
    },
  })
  const { submitting } = form
  const save = form.onSubmit(async ({ name, description, embedding: { vendor, api_key, ...rest } }) => {
    setProblem(null)
    const embedding = vendor === NONE ? null : { vendor, api_key: api_key || null, ...rest }
    await onSave({ name: name.trim(), description, embedding }).catch((error: unknown) =>
      setProblem(showProblem(form, error)),
    )
  })
  return (
    <form noValidate onSubmit={save}>
      <Stack>
        <TextInput
          label={t('name')}
          required
          data-autofocus
          maxLength={200}
          {...form.getInputProps('name')}
        />
        <Textarea
          label={t('description')}
          description={t('descriptionHelp')}
          autosize
          maxLength={1000}
          {...form.getInputProps('description')}
        />
        <Meaning form={form} changing={!!base} />
        <FormProblem text={problem} />
        <FormButtons label={label} busy={submitting} cancel={{ label: t('cancel'), onClick: onCancel }} />
      </Stack>
    </form>
  )
}

interface MeaningProps {
  form: UseFormReturnType<Values>
  changing: boolean
}

function Meaning({ form, changing }: MeaningProps) {
  const { t } = useTranslation('knowledge')
  const vendorName = useVendorName()
  const { vendor } = form.values.embedding
  return (
    <>
      <Select
        label={t('meaning')}
        description={t('meaningHelp')}
        allowDeselect={false}
        data={[
          { value: NONE, label: t('wordsOnly') },
          ...VENDORS.map((value) => ({
            value,
            label: value === 'openai_compatible' ? t('ownAddress') : vendorName(value),
          })),
        ]}
        {...form.getInputProps('embedding.vendor')}
      />
      {vendor !== NONE && (
        <TextInput
          label={t('embeddingModel')}
          description={t('embeddingModelHelp')}
          classNames={{ input: 'tl-mono' }}
          maxLength={200}
          {...form.getInputProps('embedding.model')}
        />
      )}
      {vendor === 'openai_compatible' && (
        <>
          <TextInput
            label={t('baseUrl')}
            description={t('baseUrlHelp')}
            classNames={{ input: 'tl-mono' }}
            {...form.getInputProps('embedding.base_url')}
          />
          <PasswordInput
            label={t('apiKey')}
            description={t('apiKeyHelp')}
            autoComplete="off"
            {...form.getInputProps('embedding.api_key')}
          />
        </>
      )}
      {changing && vendor !== NONE && (
        <Text size="xs" c="dimmed">
          {t('embeddingAnew')}
        </Text>
      )}
    </>
  )
}
