<?php

declare(strict_types=1);

namespace Vilya\Runtime;

use Closure;
use InvalidArgumentException;
use ReflectionMethod;
use ReflectionObject;
use Throwable;
use Vilya\BeforeFork;
use Vilya\OnShutdown;
use Vilya\OnStart;

/** The methods of an application that carry `#[BeforeFork]`, `#[OnStart]` or `#[OnShutdown]`, whatever their visibility. */
final class Hooks
{
    /**
     * @param list<Closure> $beforeFork in the order to run them
     * @param list<Closure> $onStart
     * @param list<Closure> $onShutdown
     */
    private function __construct(
        private readonly array $beforeFork,
        private readonly array $onStart,
        private readonly array $onShutdown,
    ) {
    }

    /**
     * @param list<object> $objects one that comes twice counts once
     *
     * @throws InvalidArgumentException for a hook that cannot be called without arguments
     */
    public static function of(array $objects): self
    {
        $distinct = [];
        foreach ($objects as $object) {
            $distinct[spl_object_id($object)] = $object;
        }

        return new self(
            self::find($distinct, BeforeFork::class),
            self::find($distinct, OnStart::class),
            array_reverse(self::find($distinct, OnShutdown::class)),
        );
    }

    /** Runs up to the first that throws. */
    public function beforeFork(): void
    {
        foreach ($this->beforeFork as $hook) {
            $hook();
        }
    }

    /** Runs up to the first that throws. */
    public function start(): void
    {
        foreach ($this->onStart as $hook) {
            $hook();
        }
    }

    /** Every hook runs, whatever the ones before it throw: the process leaves either way. */
    public function shutDown(): void
    {
        self::runAll($this->onShutdown);
    }

    /** @param list<Closure> $hooks each one runs; what it throws is reported */
    public static function runAll(array $hooks): void
    {
        foreach ($hooks as $hook) {
            try {
                $hook();
            } catch (Throwable $thrown) {
                Failure::report('Cannot run a shutdown hook: ' . Failure::describe($thrown));
            }
        }
    }

    /**
     * @param array<int, object> $objects
     * @param class-string       $attribute
     *
     * @return list<Closure> higher priorities first
     */
    private static function find(array $objects, string $attribute): array
    {
        $byPriority = [];
        foreach ($objects as $object) {
            foreach ((new ReflectionObject($object))->getMethods() as $method) {
                foreach ($method->getAttributes($attribute) as $mark) {
                    self::checkCallable($method);
                    $byPriority[$mark->newInstance()->priority][] = $method->getClosure($object);
                }
            }
        }
        krsort($byPriority);

        return array_merge(...$byPriority);
    }

    private static function checkCallable(ReflectionMethod $method): void
    {
        $count = $method->getNumberOfRequiredParameters();
        if ($count > 0 || $method->isAbstract()) {
            throw new InvalidArgumentException(
                "Cannot use {$method->class}::{$method->name}() as a hook: it requires $count arguments, none are given",
            );
        }
    }
}
