{{- /* How many rights for single names one request may need. A right that is asked for costs a third of what an expression may cost,
so each is asked for in one of its own, and all of them together must stay below what a policy may cost. */ -}}
{{- define "operator.namedRights" -}}16{{- end -}}

{{- /* A policy and its binding: root, suffix, resource, ordinary: what takes no right, verb: the right that the rest takes, article: what stands
before a name of it in a message, asked: an expression for what a request newly hands out. */ -}}
{{- define "operator.grantPolicy" -}}
{{- $name := printf "%s-%s" (include "operator.fullname" .root) .suffix -}}
{{- $rights := include "operator.namedRights" . | int -}}
{{- $authorizer := printf "authorizer.group('thoughtspot.dev').resource('%s').namespace(request.namespace)" .resource -}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ $name }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [thoughtspot.dev]
        apiVersions: [v1alpha1]
        operations: [CREATE, UPDATE]
        resources: [{{ .resource }}]
  variables:
    - name: ordinary
      expression: {{ toJson .ordinary | quote }}
    # What the request newly hands out and is not ordinary.
    - name: asked
      expression: >-
        {{- .asked | trim | nindent 8 }}
    - name: all
      expression: size(variables.asked) == 0 || {{ $authorizer }}.check('{{ .verb }}').allowed()
  validations:
    # One by one: a message can name what was asked for, but cannot ask for rights itself.
    {{- range $i := until $rights }}
    - expression: >-
        variables.all || size(variables.asked) <= {{ $i }} ||
        {{ $authorizer }}.name(variables.asked[{{ $i }}]).check('{{ $.verb }}').allowed()
      reason: Forbidden
      messageExpression: >-
        'to hand out {{ $.article }}' + variables.asked[{{ $i }}] + ' you need the verb {{ $.verb }} on {{ $.resource }}.thoughtspot.dev in this
        namespace, for this resource name or for all'
    {{- end }}
    - expression: variables.all || size(variables.asked) <= {{ $rights }}
      reason: Forbidden
      message: >-
        to hand out more than {{ $rights }} such at once you need the verb {{ .verb }} on {{ .resource }}.thoughtspot.dev in this namespace for all
        names: hand out some, then the others
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ $name }}
  labels: {{- include "operator.labels" .root | nindent 4 }}
spec:
  policyName: {{ $name }}
  validationActions: {{- toYaml .root.Values.admissionPolicy.validationActions | nindent 4 }}
  {{- with .root.Values.watchNamespaces }}
  matchResources:
    namespaceSelector:
      matchExpressions:
        - key: kubernetes.io/metadata.name
          operator: In
          values: {{- toYaml . | nindent 12 }}
  {{- end }}
{{- end -}}
