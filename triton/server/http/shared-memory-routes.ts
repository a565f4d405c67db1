import { refuseCudaRegion, refuseSystemRegion, type SharedMemoryKind, sharedMemoryStatus } from '../shared-memory.ts';
import { StatusError } from '../status-error.ts';
import { emptyReply, jsonReply } from './http-reply.ts';
import { asString, asUnsigned, findMember, member } from './json/json-value.ts';
import { type JsonValue, parseJson } from './json/parse-json.ts';
import type { Route } from './route.ts';

/** Bytes of a `cudaIpcMemHandle_t`. */
const cudaHandleBytes = 64;

/** Triton's shared memory extensions, of which there is none here: no regions, and none can be registered. */
export function sharedMemoryRoutes(): Route[] {
  return [...routesOf('system', refuseSystemRequest), ...routesOf('cuda', refuseCudaRequest)];
}

function routesOf(kind: SharedMemoryKind, refuse: (request: JsonValue) => never): Route[] {
  const path = (action: string): RegExp => new RegExp(`^/v2/${kind}sharedmemory(?:/region/([^/]+))?/${action}$`);
  const errorType = 'application/json';
  return [
    {
      path: path('status'),
      methods: ['GET'],
      errorType,
      answer([region = '']) {
        sharedMemoryStatus(kind, region);
        return jsonReply('[]');
      },
    },
    {
      path: path('register'),
      methods: ['POST'],
      errorType,
      async answer([region = ''], { body }) {
        if (region === '') {
          throw invalid(`'region name' is necessary to register ${kind} shared memory region`);
        }
        return refuse(parseJson(await body()));
      },
    },
    {
      path: path('unregister'),
      methods: ['POST'],
      errorType,
      answer: () => emptyReply(200, errorType),
    },
  ];
}

function refuseSystemRequest(request: JsonValue): never {
  const key = asString(required(request, 'key'));
  asUnsigned(findMember(request, 'offset') ?? 0n);
  asUnsigned(required(request, 'byte_size'));
  throw refuseSystemRegion(key);
}

function refuseCudaRequest(request: JsonValue): never {
  const handle = Buffer.from(asString(member(required(request, 'raw_handle'), 'b64')), 'base64');
  asUnsigned(member(request, 'byte_size'));
  asUnsigned(member(request, 'device_id'));
  if (handle.length !== cudaHandleBytes) {
    throw invalid("'raw_handle' must be a valid base64 encoded cudaIpcMemHandle_t");
  }
  throw refuseCudaRegion();
}

function required(request: JsonValue, name: string): JsonValue {
  const value = findMember(request, name);
  if (value === undefined) throw invalid(`Shared memory register request has no '${name}' field`);
  return value;
}

function invalid(message: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', message);
}
