<?php

declare(strict_types=1);

namespace Vilya\State;

/**
 * The eight superglobals, as they were at boot.
 *
 * PHP shares an unwritten array instead of copying it, so the comparison of an untouched one is a pointer comparison.
 */
final class Superglobals
{
    /** @var array<mixed> */
    private readonly array $get;
    /** @var array<mixed> */
    private readonly array $post;
    /** @var array<mixed> */
    private readonly array $cookie;
    /** @var array<mixed> */
    private readonly array $files;
    /** @var array<mixed> */
    private readonly array $request;
    /** @var array<mixed> */
    private readonly array $server;
    /** @var array<mixed> */
    private readonly array $env;
    /** @var array<mixed>|null null where there was no session at boot, which is the rule */
    private readonly ?array $session;

    public function __construct()
    {
        $this->get = $_GET;
        $this->post = $_POST;
        $this->cookie = $_COOKIE;
        $this->files = $_FILES;
        $this->request = $_REQUEST;
        $this->server = $_SERVER;
        $this->env = $_ENV;
        $this->session = $_SESSION ?? null;
    }

    public function restore(): void
    {
        if (($_GET ?? null) !== $this->get) {
            $_GET = $this->get;
        }
        if (($_POST ?? null) !== $this->post) {
            $_POST = $this->post;
        }
        if (($_COOKIE ?? null) !== $this->cookie) {
            $_COOKIE = $this->cookie;
        }
        if (($_FILES ?? null) !== $this->files) {
            $_FILES = $this->files;
        }
        if (($_REQUEST ?? null) !== $this->request) {
            $_REQUEST = $this->request;
        }
        if (($_SERVER ?? null) !== $this->server) {
            $_SERVER = $this->server;
        }
        if (($_ENV ?? null) !== $this->env) {
            $_ENV = $this->env;
        }
        if (($_SESSION ?? null) !== $this->session) {
            if ($this->session === null) {
                unset($_SESSION);
            } else {
                $_SESSION = $this->session;
            }
        }
    }
}
