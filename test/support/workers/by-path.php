<?php

/**
 * A worker that does what the path of the request says, with the query as arguments. Everything that can go wrong at work, in one place.
 */

declare(strict_types=1);

require __DIR__ . '/raw-worker.php';

$socket = connect();
$servedCount = 0;
while (($request = readRequest($socket)) !== null) {
    parse_str($request['query'], $query);
    $servedCount++;
    switch (ltrim($request['path'], '/')) {
        case 'pid':
            respond($socket, $request, (string) getmypid());
            break;
        case 'echo':
            respond($socket, $request, $request['body']);
            break;
        case 'env':
            respond($socket, $request, (string) json_encode(['env' => getenv(), 'argv' => $argv, 'cwd' => getcwd()]));
            break;
        case 'ini':
            respond($socket, $request, (string) ini_get($query['name']));
            break;
        case 'worker-id':
            respond($socket, $request, (string) $request['worker_id']);
            break;
        case 'sleep':
            usleep((int) ($query['ms'] * 1000));
            respond($socket, $request, (string) getmypid());
            break;
        case 'hold':
            // Says who it is, and stays.
            file_put_contents($query['file'], getmypid());
            sleep(999);
        case 'await':
            // Goes on when there is such a file.
            while (!file_exists($query['file'])) {
                usleep(1000);
            }
            respond($socket, $request, (string) getmypid());
            break;
        case 'append':
            // Leaves a trace of having run at all, and takes its time or waits for a file.
            file_put_contents($query['file'], $query['line'] . "\n", FILE_APPEND | LOCK_EX);
            usleep((int) (($query['ms'] ?? 0) * 1000));
            while (isset($query['until']) && !file_exists($query['until'])) {
                usleep(1000);
            }
            respond($socket, $request, 'appended');
            break;
        case 'error':
            respond($socket, $request, '', ['error' => 'the secret reason']);
            break;
        case 'recycle':
            respond($socket, $request, (string) getmypid(), ['_meta' => ['recycle' => true]]);
            break;
        case 'memory':
            respond($socket, $request, (string) getmypid(), ['_meta' => ['mem_usage' => (int) $query['bytes']]]);
            break;
        case 'grow':
            $kept = str_repeat('x', (int) $query['bytes']);
            respond($socket, $request, (string) getmypid());
            break;
        case 'print':
            echo $query['out'] ?? '';
            fwrite(STDERR, $query['err'] ?? '');
            respond($socket, $request, 'printed');
            break;
        case 'chatter':
            for ($i = 0; $i < $query['lines']; $i++) {
                fwrite(STDOUT, "line $i\n");
            }
            respond($socket, $request, 'printed');
            break;
        case 'warn':
            trigger_error('the warning', E_USER_WARNING);
            respond($socket, $request, 'warned');
            break;
        case 'answer-and-exit':
            respond($socket, $request, 'last words');
            exit(0);
        case 'exit':
            fwrite(STDERR, "leaving with {$query['code']}\n");
            exit((int) $query['code']);
        case 'fatal':
            undefined_function();
        case 'kill':
            posix_kill(getmypid(), SIGKILL);
            break;
        case 'close':
            fclose($socket);
            sleep(999);
        case 'wrong-id':
            respond($socket, ['id' => $request['id'] + 1]);
            break;
        case 'twice':
            // In one write: both answers arrive together.
            $answer = frame(['id' => $request['id'], 'status' => 200, 'headers' => [], 'body' => 'once', 'error' => '']);
            fwrite($socket, $answer . $answer);
            break;
        case 'unasked':
            respond($socket, $request, 'answered');
            usleep(20_000);
            respond($socket, $request, 'unasked');
            break;
        case 'half-frame':
            fwrite($socket, substr(frame(['id' => $request['id'], 'body' => str_repeat('x', 1000)]), 0, 500));
            exit(0);
        case 'huge-frame':
            fwrite($socket, pack('N', 20 << 20) . str_repeat('x', 1 << 20));
            sleep(999);
        case 'huge-answer':
            respond($socket, $request, str_repeat('x', (int) $query['bytes']));
            break;
        case 'garbage':
            fwrite($socket, random_bytes(100));
            break;
        case 'not-msgpack':
            fwrite($socket, pack('N', 4) . "\xc1\xc1\xc1\xc1");
            break;
        case 'late-hello':
            fwrite($socket, frame(['type' => 'hello', 'level' => 2, 'sdk' => 'test/1', 'features' => []]));
            break;
        case 'dribble':
            foreach (str_split(frame(['id' => $request['id'], 'status' => 200, 'headers' => [], 'body' => 'slow', 'error' => ''])) as $byte) {
                fwrite($socket, $byte);
                usleep(200);
            }
            break;
        case 'fork':
            // The child outlives its parent, and holds all of its descriptors.
            if (pcntl_fork() === 0) {
                sleep(999);
                exit(0);
            }
            respond($socket, $request, (string) getmypid());
            break;
        case 'fork-away':
            // The child leaves the process group, too. Whoever asks for it has to end it.
            $child = pcntl_fork();
            if ($child === 0) {
                posix_setsid();
                sleep(999);
                exit(0);
            }
            while (posix_getsid($child) !== $child) {
                usleep(100);
            }
            respond($socket, $request, (string) $child);
            break;
        default:
            respond($socket, $request, "served $servedCount");
    }
}
