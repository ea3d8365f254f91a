{{- /* How many rights for single privileges one request may need. A right that is asked for costs a third of what an expression may cost,
so each is asked for in one of its own, and all of them together must stay below what a policy may cost. */ -}}
{{- define "operator.namedRights" -}}16{{- end -}}

{{- /* A policy and its binding: root, suffix, resource, asked: an expression for the privileges that a request newly hands out. */ -}}
{{- define "operator.privilegePolicy" -}}
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
      expression: {{ toJson .root.Values.admissionPolicy.ordinaryPrivileges | squote }}
    # What the request newly hands out and is not ordinary.
    - name: asked
      expression: >-
        {{- .asked | trim | nindent 8 }}
    - name: all
      expression: size(variables.asked) == 0 || {{ $authorizer }}.check('grant-privilege').allowed()
  validations:
    # One by one: a message can name what was asked for, but cannot ask for rights itself.
    {{- range $i := until $rights }}
    - expression: >-
        variables.all || size(variables.asked) <= {{ $i }} ||
        {{ $authorizer }}.name(variables.asked[{{ $i }}]).check('grant-privilege').allowed()
      reason: Forbidden
      messageExpression: >-
        'to hand out ' + variables.asked[{{ $i }}] + ' you need the verb grant-privilege on {{ $.resource }}.thoughtspot.dev in this namespace, for
        this resource name or for all'
    {{- end }}
    - expression: variables.all || size(variables.asked) <= {{ $rights }}
      reason: Forbidden
      message: >-
        to hand out more than {{ $rights }} such privileges at once you need the verb grant-privilege on {{ .resource }}.thoughtspot.dev in this
        namespace for all names: hand out some, then the others
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
